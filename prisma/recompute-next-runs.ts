import pg from "pg";
import { connectionAddress } from "#lib/db/address";
import { dueWhenEnabled, nextRunAt, type Timing } from "#lib/schedules/timing";

const batch = 1_000;

interface Row extends Timing {
  id: number;
  next_run_at: Date;
  updated_at: Date;
  /** The nominal time of the last occurrence that was dispatched. */
  dispatched: Date | null;
}

/**
 * Corrects when schedules run next, where that is no occurrence of their own rule: it was written by a version that mistook
 * the server's time zone, or the rules of the schedule's zone have changed since. A schedule is due then at its first
 * occurrence after the last one that was dispatched, or after its last edit, also when that has passed: dispatch knows what to
 * do. What is due now stays, and so does what was carried over an edit. Safe to repeat, and beside dispatchers.
 * @param databaseUrl the owner of the database, which has all migrations
 * @returns how many were corrected
 */
export async function recomputeNextRuns(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: connectionAddress(databaseUrl) });
  client.on("error", () => {});
  await client.connect();
  try {
    let corrected = 0;
    for (let after = 0; ; ) {
      // Row-level security shows the owner nothing; the dispatcher sees every tenant's schedules.
      await client.query("BEGIN; SET LOCAL ROLE tenantpilot_dispatcher");
      const { rows } = await client.query<Row>(
        `SELECT s.id, timezone, frequency::text, time_of_day, days_of_week, start_window_minutes, next_run_at, updated_at,
                (SELECT max(nominal_at) FROM backup_schedule_runs
                 WHERE backup_schedule_id = s.id AND nominal_at <= now()) AS dispatched
         FROM backup_schedules s
         WHERE s.id > $1 AND is_enabled AND deleted_at IS NULL AND next_run_at > now() AND carried_nominal_at IS NULL
         ORDER BY s.id LIMIT ${batch}`,
        [after],
      );
      const right = rows.flatMap((row) => correction(row, new Date()));
      const { rowCount } = await client.query(
        `UPDATE backup_schedules s SET next_run_at = c.right
         FROM unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) AS c(id, wrong, "right")
         WHERE s.id = c.id AND s.next_run_at = c.wrong`,
        [right.map(({ id }) => id), right.map(({ wrong }) => wrong), right.map(({ due }) => due)],
      );
      await client.query("COMMIT");
      corrected += rowCount ?? 0;
      const last = rows.at(-1);
      if (!last || rows.length < batch) return corrected;
      after = last.id;
    }
  } finally {
    await client.end();
  }
}

function correction(row: Row, now: Date): { id: number; wrong: Date; due: Date }[] {
  try {
    const { id, next_run_at: wrong } = row;
    if (nextRunAt(id, row, new Date(wrong.getTime() - 1)).getTime() === wrong.getTime()) return [];
    // An edit that was written wrongly may seem to be still to come.
    const edited = new Date(Math.min(row.updated_at.getTime(), now.getTime()));
    return [{ id, wrong, due: dueWhenEnabled(id, row, edited, row.dispatched ?? undefined) }];
  } catch {
    // A rule that this runtime cannot compute: dispatch pauses its schedule, and says so.
    return [];
  }
}
