import { z } from "zod";
import { dispatcherActor, retentionActor } from "#lib/access/actor";
import { allTenantIds } from "#lib/access/all-tenants";
import { type Tx, transaction } from "#lib/db/transaction";
import { env } from "#lib/env";
import { auditKeptDays } from "#lib/limits";
import { operation } from "#lib/operation";

/** Entries that one transaction removes at most. */
const cutBatch = 5_000;

/**
 * Removes the oldest entries of a tenant's audit log, those older than a number of days. The database's function
 * does it, which leaves the hash that the rest of the chain stands on (migration "audit_chain"); nobody can otherwise.
 * @returns `more`: there are further ones to remove; call again
 */
export const cutAuditLog = operation({
  name: "audit.cut",
  permission: "retention:apply",
  effect: "quiet",
  as: "retention",
  timeoutMs: 60_000,
  input: z.strictObject({ days: z.int().min(auditKeptDays) }),
  output: z.strictObject({ removed: z.int(), more: z.boolean() }),
  run: ({ db }, { days }) => cut(db, days),
});

async function cut(db: Tx, days: number): Promise<{ removed: number; more: boolean }> {
  const [result] = await db.$queryRaw<{ removed: number }[]>`
    SELECT cut_audit_log(now() - ${days} * interval '1 day', ${cutBatch}::int) AS removed`;
  const removed = result?.removed ?? 0;
  return { removed, more: removed === cutBatch };
}

/**
 * Removes what is older than `AUDIT_RETENTION_DAYS` from the audit log of every tenant and from the platform's own;
 * nothing while that is not set. Trouble with one does not keep it from the others.
 * @returns how many entries were removed
 * @throws AggregateError with what went wrong, at the end: a log that was tampered with is not cut
 */
export async function cutOldAuditEntries(signal?: AbortSignal): Promise<number> {
  const days = env().AUDIT_RETENTION_DAYS;
  if (days === undefined) return 0;
  const platform = () => transaction({ as: "retention" }, (db) => cut(db, days), { timeoutMs: 60_000 });
  const tenants = await allTenantIds(dispatcherActor, {});
  const logs = [platform, ...tenants.map((id) => () => cutAuditLog(retentionActor, id, { days }))];
  const errors: unknown[] = [];
  let removed = 0;
  for (const cutLog of logs) {
    try {
      for (let more = true; more && !signal?.aborted; ) {
        const done = await cutLog();
        removed += done.removed;
        more = done.more;
      }
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0)
    throw new AggregateError(errors, "Old audit entries could not be removed everywhere");
  return removed;
}
