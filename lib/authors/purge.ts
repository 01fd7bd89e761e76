import { z } from "zod";
import { retentionActor } from "#lib/access/actor";
import { purgeEveryTenant } from "#lib/access/all-tenants";
import { operation } from "#lib/operation";
import { purgedView } from "#lib/view-fields";

/** Events that one transaction removes at most. */
const purgeBatch = 10_000;

/**
 * Removes stored audit events from before the tenant's oldest set, the bin included: they lie between no two sets that
 * could still be compared. They name people, so they stay no longer than they are of use.
 * @returns `more`: there are further events to remove; call again
 */
export const purgeChangeAuthors = operation({
  name: "retention.purge_authors",
  permission: "retention:apply",
  effect: "write",
  as: "retention",
  timeoutMs: 60_000,
  input: z.strictObject({}),
  output: purgedView,
  async run({ db, tenant, audit, unchanged }) {
    const removed = await db.$executeRaw`
      DELETE FROM policy_changes
      WHERE (tenant_id, source, event_id, graph_id) IN (
        SELECT tenant_id, source, event_id, graph_id FROM policy_changes
        WHERE tenant_id = ${tenant.id} AND occurred_at < coalesce(
          (SELECT min(coalesce(r.started_at, b.created_at))
           FROM backup_sets b JOIN backup_schedule_runs r ON r.id = b.run_id), 'infinity')
        LIMIT ${purgeBatch})`;
    if (removed === 0) unchanged();
    else audit({ action: "policy_changes.purged", details: { events: removed } });
    return { removed, more: removed === purgeBatch };
  },
});

/**
 * {@link purgeChangeAuthors} for every tenant, after the bins were purged. Trouble with one does not keep it from the
 * others.
 * @returns how many events were removed
 * @throws AggregateError with what went wrong, at the end
 */
export function purgeAllChangeAuthors(signal?: AbortSignal): Promise<number> {
  return purgeEveryTenant((tenantId) => purgeChangeAuthors(retentionActor, tenantId, {}), {
    signal,
    failed: "Who changed what could not be purged everywhere",
  });
}
