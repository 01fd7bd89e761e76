import type pg from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { executorActor } from "#lib/access/actor";
import { cancelRun } from "#lib/runs/cancel";
import { finishRun } from "#lib/runs/finish";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { deleteSchedule } from "./delete.ts";
import { setScheduleEnabled } from "./set-enabled.ts";
import { tick } from "./tick.ts";
import { updateSchedule } from "./update.ts";

/**
 * What commits between the moment that dispatch looks (its statement's snapshot) and the moment that it holds the row.
 * The window is open for milliseconds in life; here the dispatcher reads one schedule's row through a policy that waits
 * for an advisory lock, so it stays open for as long as a test wants.
 */

const world = withWorld({ policies: 10 });
const gate = 7_001;
let keeper: pg.PoolClient | null = null;

beforeAll(async () => {
  await world.admin.query(`
    CREATE FUNCTION wait_at_gate(schedule_id int) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
      IF EXISTS (SELECT FROM gated WHERE id = schedule_id) THEN
        PERFORM pg_advisory_lock_shared(${gate});
        PERFORM pg_advisory_unlock_shared(${gate});
      END IF;
      RETURN true;
    END $$;
    CREATE TABLE gated (id int);
    GRANT SELECT ON gated TO tenantpilot_dispatcher;
    CREATE POLICY gate ON backup_schedules AS RESTRICTIVE FOR ALL TO tenantpilot_dispatcher USING (wait_at_gate(id))`);
});

beforeEach(async () => {
  await world.admin.query("UPDATE backup_schedules SET next_run_at = NULL, is_enabled = false");
  await world.admin.query(
    "UPDATE backup_schedule_runs SET status = 'canceled', finished_at = now() WHERE status = 'running'",
  );
});

afterEach(openGate);

async function openGate(): Promise<void> {
  await keeper?.query("SELECT pg_advisory_unlock_all()");
  keeper?.release();
  keeper = null;
}

/**
 * Two schedules that are due, an hour late; dispatch will wait as it reads the first. The rule itself has that occurrence:
 * with any other, one of the rule's might have come within the hour, and would not be late.
 */
async function twoDue(): Promise<{ gated: number; other: number }> {
  const { id, actors } = world.tenant;
  const due = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000).toISOString();
  const rule = { timezone: "UTC", time_of_day: due.slice(11, 16) };
  const [gated, other] = [
    await makeSchedule(actors.manager, id, rule),
    await makeSchedule(actors.manager, id, rule),
  ];
  await world.admin.query("UPDATE backup_schedules SET next_run_at = $2 WHERE id = ANY($1)", [
    [gated.id, other.id],
    due,
  ]);
  await world.admin.query("WITH gone AS (DELETE FROM gated) INSERT INTO gated VALUES ($1)", [gated.id]);
  return { gated: gated.id, other: other.id };
}

/** Ticks, and lets `meanwhile` commit after the dispatcher looked and before it holds any row. */
async function tickWith(meanwhile: () => Promise<unknown>) {
  keeper = await world.admin.connect();
  await keeper.query(`SELECT pg_advisory_lock(${gate})`);
  const ticking = tick();
  ticking.catch(() => {});
  await until("the dispatcher waits at the gate", async () => {
    const { rows } = await world.admin.query(
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted",
      [gate],
    );
    return rows.length > 0;
  });
  await meanwhile();
  await openGate();
  return ticking;
}

async function runsOf(scheduleId: number) {
  const { rows } = await world.admin.query<{ trigger: string; status: string; error_code: string | null }>(
    `SELECT trigger::text, status::text, error_code FROM backup_schedule_runs
     WHERE backup_schedule_id = $1 ORDER BY id`,
    [scheduleId],
  );
  return rows;
}

const started = { trigger: "schedule", status: "running", error_code: null };

describe("what commits between dispatch's look and its lock", () => {
  test("Run now: the occurrence is skipped for it, and the batch goes on", async () => {
    const { id, actors } = world.tenant;
    const { gated, other } = await twoDue();
    await tickWith(() => startRun(actors.operator, id, { schedule_id: other }));
    expect(await runsOf(gated)).toEqual([started]);
    expect(await runsOf(other)).toEqual([
      { trigger: "manual", status: "running", error_code: null },
      { trigger: "schedule", status: "skipped", error_code: "CONCURRENT_RUN" },
    ]);
  });

  test("the end of a run: nothing is active any more, so the occurrence runs", async () => {
    const { id, actors } = world.tenant;
    const { gated, other } = await twoDue();
    const active = await startRun(actors.operator, id, { schedule_id: other });
    await tickWith(() =>
      finishRun(executorActor, id, {
        run_id: active.id,
        attempt: active.attempt,
        end: { status: "failed", error_code: "UNKNOWN", error_message: "Ended by the test.", types: {} },
      }),
    );
    expect(await runsOf(gated)).toEqual([started]);
    expect(await runsOf(other)).toEqual([
      { trigger: "manual", status: "failed", error_code: "UNKNOWN" },
      started,
    ]);
  });

  test("a cancel: nothing is active any more, so the occurrence runs", async () => {
    const { id, actors } = world.tenant;
    const { other } = await twoDue();
    const active = await startRun(actors.operator, id, { schedule_id: other });
    await tickWith(() => cancelRun(actors.operator, id, { run_id: active.id }));
    expect(await runsOf(other)).toMatchObject([{ status: "canceled" }, started]);
  });

  test("an edit of what becomes of a missed run: the new rule decides", async () => {
    const { id, actors } = world.tenant;
    const { other } = await twoDue();
    await tickWith(() =>
      updateSchedule(actors.manager, id, { schedule_id: other, changes: { missed_run_policy: "skip" } }),
    );
    expect(await runsOf(other)).toEqual([
      { trigger: "schedule", status: "skipped", error_code: "MISSED_WINDOW" },
    ]);
  });

  test("an edit of the time: the old rule's next run does not come back", async () => {
    const { id, actors } = world.tenant;
    const { other } = await twoDue();
    await tickWith(() =>
      updateSchedule(actors.manager, id, {
        schedule_id: other,
        changes: { timezone: "Asia/Tokyo", time_of_day: "13:37" },
      }),
    );
    const { rows } = await world.admin.query(
      "SELECT to_char(next_run_at AT TIME ZONE 'Asia/Tokyo', 'HH24:MI') AS at FROM backup_schedules WHERE id = $1",
      [other],
    );
    expect(rows).toEqual([{ at: "13:37" }]);
  });

  test("a pause: nothing runs, and nothing is due", async () => {
    const { id, actors } = world.tenant;
    const { gated, other } = await twoDue();
    await tickWith(() => setScheduleEnabled(actors.manager, id, { schedule_id: other, is_enabled: false }));
    expect(await runsOf(gated)).toEqual([started]);
    expect(await runsOf(other)).toEqual([]);
    const { rows } = await world.admin.query("SELECT next_run_at FROM backup_schedules WHERE id = $1", [
      other,
    ]);
    expect(rows).toEqual([{ next_run_at: null }]);
  });

  test("a delete: nothing runs, and nothing is due", async () => {
    const { id, actors } = world.tenant;
    const { gated, other } = await twoDue();
    await tickWith(() => deleteSchedule(actors.manager, id, { schedule_id: other }));
    expect(await runsOf(gated)).toEqual([started]);
    expect(await runsOf(other)).toEqual([]);
  });
});
