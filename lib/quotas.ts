import type { Tx } from "#lib/db/transaction";
import { type Env, env } from "#lib/env";
import { AppError } from "#lib/errors";

interface Quota {
  setting: "TENANT_MAX_SCHEDULES" | "TENANT_MAX_TOKENS" | "TENANT_MAX_MEMBERS";
  /** What is counted, and what makes room. */
  words: string;
  count(db: Tx, tenantId: number): Promise<{ n: number }[]>;
}

const quotas = {
  schedules: {
    setting: "TENANT_MAX_SCHEDULES",
    words: "backup schedules. Delete one",
    count: (db, tenantId) => db.$queryRaw`
      SELECT count(*)::int AS n FROM backup_schedules WHERE tenant_id = ${tenantId} AND deleted_at IS NULL`,
  },
  tokens: {
    setting: "TENANT_MAX_TOKENS",
    words: "API tokens that work. Revoke one",
    count: (db, tenantId) => db.$queryRaw`
      SELECT count(*)::int AS n FROM api_tokens
      WHERE tenant_id = ${tenantId} AND revoked_at IS NULL AND expires_at > now()`,
  },
  members: {
    setting: "TENANT_MAX_MEMBERS",
    words: "members and open invitations. Remove one",
    count: (db, tenantId) => db.$queryRaw`
      SELECT (SELECT count(*) FROM memberships WHERE tenant_id = ${tenantId})::int +
             (SELECT count(*) FROM invitations WHERE tenant_id = ${tenantId} AND withdrawn_at IS NULL
                AND accepted_at IS NULL AND expires_at > now())::int AS n`,
  },
} as const satisfies Record<string, Quota>;

/**
 * Refuses one more than a tenant may have. Whoever else makes one of the same kind in this tenant waits for the end of this
 * transaction, so that no two are the last.
 * @throws AppError QUOTA_EXCEEDED
 */
export async function requireRoom(db: Tx, tenantId: number, kind: keyof typeof quotas): Promise<void> {
  const quota: Quota = quotas[kind];
  await db.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended(${`tenantpilot.quota.${kind}.${tenantId}`}, 0))`;
  const [counted] = await quota.count(db, tenantId);
  const most: Env[Quota["setting"]] = env()[quota.setting];
  if ((counted?.n ?? 0) < most) return;
  throw new AppError(
    "QUOTA_EXCEEDED",
    `This tenant has ${most} ${quota.words}, or ask the operator of this service for more (${quota.setting}).`,
  );
}
