import type pg from "pg";
import { startRun } from "#lib/runs/start";
import { createSchedule } from "#lib/schedules/create";
import type { BenchTenant } from "./bench-tenant.ts";

/** How long runs may take to end before a bench gives up. */
const patienceMs = 180_000;

/** A schedule of one type without foundations, due daily at the minute of `at` (UTC). */
export function smallSchedule({ tenant_id, owner }: BenchTenant, at: Date): Promise<{ id: number }> {
  return createSchedule(owner, tenant_id, {
    name: "Bench",
    timezone: "UTC",
    frequency: "daily",
    time_of_day: at.toISOString().slice(11, 16),
    policy_types: ["deviceCompliancePolicy"],
    include_foundations: false,
  });
}

/**
 * Presses Run now, one after the other, each when the run before has ended.
 * @returns milliseconds from each press to the start of its run
 */
export async function runNow(
  admin: pg.Pool,
  members: readonly BenchTenant[],
  count: number,
): Promise<number[]> {
  const lags: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const member = members[n % members.length];
    if (!member) throw new Error("There are no tenants");
    const schedule = await smallSchedule(member, new Date(Date.now() + 12 * 3_600_000));
    const run = await startRun(member.owner, member.tenant_id, { schedule_id: schedule.id });
    lags.push(...(await startLags(admin, 1, "r.id = ANY($1)", [run.id], "r.created_at")));
  }
  return lags;
}

/**
 * Waits until so many of some runs have succeeded.
 * @param which condition on `backup_schedule_runs r`, with the ids as `$1`
 * @param since the instant that is counted from, of `r`
 * @returns milliseconds from it to the start of each
 * @throws Error where one ends otherwise, or when it takes too long
 */
export async function startLags(
  admin: pg.Pool,
  count: number,
  which: string,
  ids: number[],
  since: string,
): Promise<number[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { rows } = await admin.query<{ status: string; lag: number }>(
      `SELECT r.status::text, extract(epoch FROM r.started_at - ${since})::float8 * 1000 AS lag
       FROM backup_schedule_runs r WHERE ${which} AND r.finished_at IS NOT NULL`,
      [ids],
    );
    const other = rows.find(({ status }) => status !== "success");
    if (other) throw new Error(`A run ended ${other.status}.`);
    if (rows.length >= count) return rows.map((row) => row.lag);
    if (Date.now() > deadline) throw new Error(`Only ${rows.length} of ${count} runs ended.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
