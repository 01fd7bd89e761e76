import { z } from "zod";
import { retentionActor } from "#lib/access/actor";
import { purgeEveryTenant } from "#lib/access/all-tenants";
import { env } from "#lib/env";
import { runKeptDays } from "#lib/limits";
import { operation } from "#lib/operation";
import { purgedView } from "#lib/view-fields";

/** Runs that one transaction removes at most. */
const purgeBatch = 2_000;

/**
 * Removes runs that ended longer ago than a number of days and that nothing is left of. Kept whatever their age are: a run
 * whose backup set is there, be it in the bin; what another run repeats, as long as that one is there; and of each
 * schedule the run that ended last. What the overview counts stays counted.
 *
 * The database itself refuses the role all that is active, younger than 30 days, or has its set (migration
 * "run_retention").
 * @returns `more`: call again; there are further ones, or some that only these kept
 */
const purgeRuns = operation({
  name: "retention.purge_runs",
  permission: "retention:apply",
  effect: "write",
  as: "retention",
  timeoutMs: 60_000,
  input: z.strictObject({ older_than_days: z.int().min(runKeptDays.least) }),
  output: purgedView,
  async run({ db, tenant, audit, unchanged }, { older_than_days }) {
    // A run ends after it was due, and by that there is an index.
    const removed = await db.$executeRaw`
      DELETE FROM backup_schedule_runs WHERE id IN (
        SELECT r.id FROM backup_schedule_runs r
        WHERE r.tenant_id = ${tenant.id} AND r.scheduled_for < now() - ${older_than_days} * interval '1 day'
          AND r.finished_at < now() - ${older_than_days} * interval '1 day' AND r.backup_set_id IS NULL
          AND NOT EXISTS (SELECT FROM backup_sets b WHERE b.tenant_id = r.tenant_id AND b.run_id = r.id)
          AND NOT EXISTS (SELECT FROM staged_items i WHERE i.tenant_id = r.tenant_id AND i.run_id = r.id)
          AND NOT EXISTS (SELECT FROM backup_schedule_runs n WHERE n.tenant_id = r.tenant_id AND n.retry_of_run_id = r.id)
          AND EXISTS (SELECT FROM backup_schedule_runs n WHERE n.backup_schedule_id = r.backup_schedule_id
                        AND (n.finished_at, n.id) > (r.finished_at, r.id))
        ORDER BY r.scheduled_for LIMIT ${purgeBatch})`;
    if (removed > 0) audit({ action: "runs.purged", details: { runs: removed, older_than_days } });
    else unchanged();
    return { removed, more: removed > 0 };
  },
});

/**
 * Removes what is older than `RUN_RETENTION_DAYS` from every tenant's run history. Trouble with one tenant does not keep it
 * from the others.
 * @returns how many runs were removed
 * @throws AggregateError with what went wrong, at the end
 */
export async function purgeOldRuns(signal?: AbortSignal): Promise<number> {
  const older_than_days = env().RUN_RETENTION_DAYS;
  if (older_than_days === 0) return 0;
  return purgeEveryTenant((tenantId) => purgeRuns(retentionActor, tenantId, { older_than_days }), {
    signal,
    failed: "Old runs could not be removed everywhere",
  });
}
