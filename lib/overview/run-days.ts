import type { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import type { Period } from "./days.ts";
import type { runDayView, successRateView } from "./views.ts";

/** How the runs of a day ended, and what they found changed. A run belongs to the day on which it ended. */
export type RunDay = z.infer<typeof runDayView>;

/** Ended runs of some days. Only what was attempted to its end counts: neither canceled nor skipped runs. */
export type SuccessRate = z.infer<typeof successRateView>;

/**
 * Adds up one tenant's runs by day, from `run_counts`: days of every zone begin at a quarter of an hour.
 * @param db bound to the tenant
 * @returns one entry for each day, in their order
 */
export async function readRunDays(db: Tx, tenantId: number, days: readonly Period[]): Promise<RunDay[]> {
  const rows = await db.$queryRaw<Omit<RunDay, "date">[]>`
    SELECT runs.* FROM unnest(${days.map((day) => day.from)}::timestamptz[], ${days.map((day) => day.to)}::timestamptz[])
      WITH ORDINALITY AS day(begins, ends, number)
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(success), 0)::int AS success, coalesce(sum(partial), 0)::int AS partial,
             coalesce(sum(failed), 0)::int AS failed, coalesce(sum(canceled), 0)::int AS canceled,
             coalesce(sum(skipped), 0)::int AS skipped, coalesce(sum(added), 0)::int AS added,
             coalesce(sum(changed), 0)::int AS changed, coalesce(sum(removed), 0)::int AS removed
      FROM run_counts
      WHERE tenant_id = ${tenantId} AND quarter >= day.begins AND quarter < day.ends) runs
    ORDER BY day.number`;
  return rows.map((row, index) => ({ date: days[index]?.date ?? "", ...row }));
}

/**
 * Whether what these days say of changes was found by comparing: a schedule's first backup has nothing to compare with.
 * Where something has changed, or no backup was made, the days themselves tell it, and no run is read.
 * @param db bound to the tenant
 * @param days one after the other; @param since when the first of them began
 */
export async function readCompared(
  db: Tx,
  tenantId: number,
  days: readonly Omit<RunDay, "date">[],
  since: Date,
): Promise<boolean> {
  if (days.some((day) => day.added + day.changed + day.removed > 0)) return true;
  if (!days.some((day) => day.success + day.partial > 0)) return false;
  // Mostly the newest tells. Where none of a hundred had one before it, hardly any had, and there may be ten thousand.
  const found = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM (
      SELECT summary FROM backup_schedule_runs
      WHERE tenant_id = ${tenantId} AND finished_at >= ${since} AND status IN ('success', 'partial') AND trigger <> 'restore'
      ORDER BY id DESC LIMIT 100) newest
    WHERE (summary -> 'changes' ->> 'unchanged')::int > 0 LIMIT 1`;
  return found.length > 0;
}

/** The success rate over some days. */
export function successRate(days: readonly Pick<RunDay, "success" | "partial" | "failed">[]): SuccessRate {
  let succeeded = 0;
  let attempted = 0;
  for (const day of days) {
    succeeded += day.success;
    attempted += day.success + day.partial + day.failed;
  }
  return { succeeded, attempted, rate: attempted === 0 ? null : succeeded / attempted };
}
