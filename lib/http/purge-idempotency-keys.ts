import { z } from "zod";
import { retentionActor } from "#lib/access/actor";
import { purgeEveryTenant } from "#lib/access/all-tenants";
import { operation } from "#lib/operation";
import { purgedView } from "#lib/view-fields";

/** Keys that one transaction removes at most. */
const purgeBatch = 10_000;

/**
 * Removes the Idempotency-Keys of a tenant that are over, with their answers.
 * @returns `more`: there are further ones to remove; call again
 */
const purgeIdempotencyKeys = operation({
  name: "retention.purge_idempotency_keys",
  permission: "retention:apply",
  effect: "quiet",
  as: "retention",
  timeoutMs: 60_000,
  input: z.strictObject({}),
  output: purgedView,
  async run({ db, tenant }) {
    // Said twice: a request may claim a key anew between the search and the removal.
    const removed = await db.$executeRaw`
      DELETE FROM idempotency_keys
      WHERE expires_at <= now() AND (tenant_id, actor_kind, actor_id, key_sha256) IN (
        SELECT tenant_id, actor_kind, actor_id, key_sha256 FROM idempotency_keys
        WHERE tenant_id = ${tenant.id} AND expires_at <= now()
        LIMIT ${purgeBatch})`;
    return { removed, more: removed === purgeBatch };
  },
});

/**
 * Removes the keys of every tenant that are over. Trouble with one tenant does not keep it from the others.
 * @returns how many were removed
 * @throws AggregateError with what went wrong, at the end
 */
export function purgeOldIdempotencyKeys(signal?: AbortSignal): Promise<number> {
  return purgeEveryTenant((tenantId) => purgeIdempotencyKeys(retentionActor, tenantId, {}), {
    signal,
    failed: "Old idempotency keys could not be removed everywhere",
  });
}
