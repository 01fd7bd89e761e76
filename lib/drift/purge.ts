import { z } from "zod";
import { retentionActor } from "#lib/access/actor";
import { purgeEveryTenant } from "#lib/access/all-tenants";
import { driftKeptDays } from "#lib/limits";
import { operation } from "#lib/operation";
import { purgedView } from "#lib/view-fields";

/** Differences that one transaction removes at most. */
const purgeBatch = 10_000;

/**
 * Removes a tenant's differences that were gone `driftKeptDays` days ago, whether it still has a baseline or not.
 * @returns `more`: there are further ones to remove; call again
 */
const purgeDrift = operation({
  name: "retention.purge_drift",
  permission: "retention:apply",
  effect: "quiet",
  timeoutMs: 60_000,
  input: z.strictObject({}),
  output: purgedView,
  async run({ db, tenant }) {
    const removed = await db.$executeRaw`
      DELETE FROM drifts WHERE tenant_id = ${tenant.id} AND id IN (
        SELECT id FROM drifts
        WHERE tenant_id = ${tenant.id} AND gone_at < now() - make_interval(days => ${driftKeptDays}) LIMIT ${purgeBatch})`;
    return { removed, more: removed === purgeBatch };
  },
});

/**
 * Removes the differences of every tenant that are gone for so long. Trouble with one tenant does not keep it from the others.
 * @returns how many were removed
 * @throws AggregateError with what went wrong, at the end
 */
export function purgeGoneDrift(signal?: AbortSignal): Promise<number> {
  return purgeEveryTenant((tenantId) => purgeDrift(retentionActor, tenantId, {}), {
    signal,
    failed: "Differences could not be removed everywhere",
  });
}
