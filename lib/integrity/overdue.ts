import { z } from "zod";
import { verifierActor } from "#lib/access/actor";
import { forEveryTenant } from "#lib/access/all-tenants";
import { raiseAlerts } from "#lib/alerts/raise";
import type { Tx } from "#lib/db/transaction";
import { verificationOverdueDays } from "#lib/limits";
import { operation } from "#lib/operation";
import { tellWhole } from "#lib/sets/tell-whole";

const cause = "verification";

/**
 * Opens or closes the tenant's incident of sets that nobody has verified for too long, in its transaction. What was in the bin, or
 * archived with its tenant, was passed over meanwhile: it has as long again from when it came back.
 */
export async function tellVerification(db: Tx, tenant_id: number): Promise<void> {
  const [overdue] = await db.$queryRaw<{ sets: number; since: Date | null }[]>`
    WITH back AS MATERIALIZED (
      SELECT action, target_id FROM audit_log
      WHERE tenant_id = ${tenant_id} AND action IN ('set.restored', 'tenant.unarchived')
        AND at >= now() - make_interval(days => ${verificationOverdueDays})
    )
    SELECT count(*)::int AS sets, min(coalesce(verified_at, created_at)) AS since FROM backup_sets
    WHERE tenant_id = ${tenant_id} AND deleted_at IS NULL
      AND coalesce(verified_at, created_at) < now() - make_interval(days => ${verificationOverdueDays})
      AND id NOT IN (SELECT target_id FROM back WHERE action = 'set.restored' AND target_id IS NOT NULL)
      AND NOT EXISTS (SELECT FROM back WHERE action = 'tenant.unarchived')`;
  const link = `/tenants/${tenant_id}/backup-sets`;
  if (!overdue?.since) {
    await raiseAlerts(db, [
      {
        kind: "verification.done",
        cause,
        tenant_id,
        title: "Verification overdue no more",
        body: "Every backup set was verified lately.",
        link,
      },
    ]);
    return;
  }
  const { sets, since } = overdue;
  await raiseAlerts(db, [
    {
      kind: "verification.overdue",
      cause,
      tenant_id,
      title: "Verification overdue",
      body: `${sets === 1 ? "1 backup set was" : `${sets} backup sets were`} not verified for more than ${verificationOverdueDays} days. Verification comes weekly: see whether the job verify-sets fails, or verify them on the page Backup sets.`,
      link,
      data: { sets, since: since.toISOString() },
    },
  ]);
}

const judgeVerification = operation({
  name: "verify.judge_overdue",
  permission: "set:verify",
  effect: "quiet",
  input: z.strictObject({}),
  output: z.void(),
  async run({ db, tenant }) {
    await tellVerification(db, tenant.id);
    // Retention may have removed the damaged ones, and may not write incidents.
    await tellWhole(db, tenant.id);
  },
});

/**
 * {@link tellVerification} for every tenant. By another job than the one that verifies: what is looked for is that that one
 * does not come. After retention, so that an incident of damaged sets ends with the last of them.
 * @throws AggregateError with what went wrong, at the end
 */
export function watchVerification(signal?: AbortSignal): Promise<void> {
  return forEveryTenant((tenantId) => judgeVerification(verifierActor, tenantId, {}), {
    signal,
    failed: "Overdue verification could not be looked for everywhere",
  });
}
