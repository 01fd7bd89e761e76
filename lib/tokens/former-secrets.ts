import type { Role } from "#lib/access/permissions";
import type { AuditAction } from "#lib/audit/actions";
import { Prisma } from "#lib/db/generated/client";
import { inTenant, type Tx } from "#lib/db/transaction";

/**
 * Ends the old secrets that a person knows of API tokens that somebody else has rotated since: they go by what the other may do,
 * and no more by what the person may. Whoever lowers or removes somebody calls it, in a transaction that is bound to the tenant.
 * Whose an old secret was, the entry of the rotation says, which is younger than what the retention of the log removes.
 * @param role of the person from now on: an old secret that can do no more goes on; null when they are no member any more
 */
export async function endFormerSecretsOf(db: Tx, userId: number, role: Role | null): Promise<void> {
  // A rotation that is under way ends before, and is seen below; one that comes later sees what the person may do by then.
  await db.$queryRaw`SELECT 1 FROM api_tokens k WHERE ${mayConcern(userId)} ORDER BY k.id FOR NO KEY UPDATE`;
  await db.$executeRaw`
    UPDATE api_tokens k SET previous_expires_at = now()
    WHERE k.previous_expires_at > now() AND (${role}::text IS NULL OR k.role > ${role}::"role")
      AND ${userId} = (
        SELECT (a.details ->> 'former_maker')::int FROM audit_log a
        WHERE a.tenant_id = k.tenant_id AND a.action = ${"token.rotated" satisfies AuditAction} AND a.target_id = k.id
        ORDER BY a.id DESC LIMIT 1)`;
}

/** Ends them in all tenants of a person who is disabled, in a transaction of `identity`. */
export async function endFormerSecretsEverywhere(db: Tx, userId: number): Promise<void> {
  const tenants = await db.$queryRaw<{ tenant_id: number }[]>`
    SELECT DISTINCT k.tenant_id
    FROM api_tokens k JOIN memberships m ON m.tenant_id = k.tenant_id AND m.user_id = ${userId}
    WHERE ${mayConcern(userId)} ORDER BY k.tenant_id`;
  for (const { tenant_id } of tenants)
    await inTenant(db, tenant_id, () => endFormerSecretsOf(db, userId, null));
}

/** Of a token `k`: another has rotated it, or may just be about to. */
function mayConcern(userId: number): Prisma.Sql {
  return Prisma.sql`k.revoked_at IS NULL AND (k.created_by = ${userId} OR k.previous_expires_at > now())`;
}
