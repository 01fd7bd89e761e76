import { beforeAll, describe, expect, test } from "vitest";
import { dispatcherActor } from "#lib/access/actor";
import { currentUser } from "#lib/access/current-user";
import { beginSession } from "#lib/access/sessions";
import { listAuditLog } from "#lib/audit/list";
import { disconnect } from "#lib/db/client";
import { listWorkers } from "#lib/health/workers";
import { stopProducer } from "#lib/jobs/boss";
import { executeRun } from "#lib/runs/execute";
import { listRuns } from "#lib/runs/list";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { authenticateToken } from "#lib/tokens/authenticate";
import { createToken } from "#lib/tokens/tokens";
import { recomputeNextRuns } from "#prisma/recompute-next-runs";
import { dispatchBatch } from "./dispatch.ts";
import { getSchedule } from "./get.ts";
import { listSchedules } from "./list.ts";

/** Instants are right whatever zone the database, a role or the process is in. */

const world = withWorld({ policies: 3 });
const minute = 60_000;
const day = 1_440 * minute;

beforeAll(() => {
  process.env.TZ = "Asia/Kolkata";
  expect(new Date(0).getHours()).toBe(5);
});

/** An instant in the database, as its own seconds since 1970: no driver has a say. */
async function stored(table: string, column: string, id: number): Promise<number> {
  const { rows } = await world.admin.query(
    `SELECT (extract(epoch FROM ${column}) * 1000)::bigint::text AS ms FROM ${table} WHERE id = $1`,
    [id],
  );
  return Number(rows[0].ms);
}

describe.each([
  ["DATABASE", "Europe/Berlin"],
  ["ROLE tp_both IN DATABASE", "America/New_York"],
])("ALTER %s … SET timezone = '%s'", (what, zone) => {
  beforeAll(async () => {
    const name = new URL(world.database.url).pathname.slice(1);
    await world.admin.query(
      what === "DATABASE"
        ? `ALTER DATABASE "${name}" SET timezone = '${zone}'`
        : `ALTER ROLE tp_both IN DATABASE "${name}" SET timezone = '${zone}'`,
    );
    await world.admin.query("UPDATE backup_schedules SET next_run_at = NULL, is_enabled = false");
    await stopProducer();
    await disconnect();
  });

  test("a schedule is due, dispatched and run at its time", async () => {
    const { id, actors } = world.tenant;
    const soon = new Date(Math.ceil((Date.now() + minute) / minute) * minute);
    const time_of_day = soon.toISOString().slice(11, 16);
    const schedule = await makeSchedule(actors.manager, id, { timezone: "UTC", time_of_day });
    expect(schedule.next_run_at).toBe(soon.toISOString());
    expect(await stored("backup_schedules", "next_run_at", schedule.id)).toBe(soon.getTime());
    const { items } = await listSchedules(actors.readonly, id, {});
    expect(items.find((item) => item.id === schedule.id)?.next_run_at).toBe(soon.toISOString());

    // Yesterday's occurrence, which is due, and nothing else is.
    expect((await dispatchBatch(dispatcherActor, {})).claimed).toBe(0);
    await world.admin.query("UPDATE backup_schedules SET next_run_at = $2 WHERE id = $1", [
      schedule.id,
      new Date(soon.getTime() - day).toISOString(),
    ]);
    const { runs } = await dispatchBatch(dispatcherActor, {});
    const due = soon.getTime() - day;
    expect(runs.map((run) => run.scheduled_for.getTime())).toEqual([due]);
    const runId = runs[0]?.id ?? 0;
    expect(await stored("backup_schedule_runs", "scheduled_for", runId)).toBe(due);
    expect(await stored("backup_schedule_runs", "nominal_at", runId)).toBe(due);
    expect(await getSchedule(actors.readonly, id, { schedule_id: schedule.id })).toMatchObject({
      next_run_at: soon.toISOString(),
    });

    const began = Date.now() - 1;
    expect(await executeRun(id, runId, new AbortController().signal)).toMatchObject({ kind: "ended" });
    const range = { from: new Date(due).toISOString(), to: new Date(due + minute).toISOString() };
    const listed = await listRuns(actors.readonly, id, { ...range, schedule_id: schedule.id });
    expect(listed.items.map((run) => [run.id, run.scheduled_for])).toEqual([[runId, range.from]]);
    for (const at of ["started_at", "finished_at"] as const) {
      expect(Date.parse(listed.items[0]?.[at] ?? "")).toBeGreaterThanOrEqual(began);
      expect(Date.parse(listed.items[0]?.[at] ?? "")).toBeLessThanOrEqual(Date.now() + 1);
      expect(await stored("backup_schedule_runs", at, runId)).toBe(Date.parse(listed.items[0]?.[at] ?? ""));
    }
    const log = await listAuditLog(actors.owner, id, { from: new Date(began).toISOString() });
    expect(log.items.length).toBeGreaterThan(0);
    for (const { at } of log.items) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(minute);
    expect(
      (await listAuditLog(actors.owner, id, { from: new Date(Date.now() + minute).toISOString() })).items,
    ).toEqual([]);
  });

  test("sessions and tokens end when they say, and workers were seen when they were", async () => {
    const { id, actors } = world.tenant;
    const { rows } = await world.admin.query("SELECT id, session_version FROM users WHERE id = $1", [
      actors.owner.user_id,
    ]);
    const ticket = await beginSession(rows[0], { address: "192.0.2.7", device: "Firefox" });
    expect(await currentUser(ticket, null)).not.toBeNull();
    const expires_at = new Date(Date.now() + 30 * minute).toISOString();
    const made = await createToken(actors.owner, id, { name: `of ${zone}`, role: "readonly", expires_at });
    expect(made.expires_at).toBe(expires_at);
    expect(await stored("api_tokens", "expires_at", made.id)).toBe(Date.parse(expires_at));
    expect(await authenticateToken(made.token, null)).toMatchObject({ kind: "token" });
    await world.admin.query("UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE id = $1", [
      made.id,
    ]);
    await expect(authenticateToken(made.token, null)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await world.admin.query(
      "UPDATE sessions SET created_at = created_at - interval '13 hours', ends_at = now() - interval '1 second' WHERE user_id = $1",
      [actors.owner.user_id],
    );
    expect(await currentUser(ticket, null)).toBeNull();

    await world.admin.query(
      `INSERT INTO pgboss.instance (id, name, host, pid, version, node_version, heartbeat_seconds, supervise, schedule,
                                    migrate, persist_queue_stats, persist_warnings)
       VALUES (gen_random_uuid(), $1, 'host', 1, '1', '24', 5, true, true, false, false, false)`,
      [`worker-${zone}`],
    );
    const worker = (await listWorkers(1)).find(({ name }) => name === `worker-${zone}`);
    for (const at of [worker?.seen_at, worker?.started_at])
      expect(Math.abs((at?.getTime() ?? 0) - Date.now())).toBeLessThan(minute);
  });

  test("migrating corrects when a schedule runs next where that is none of its times, and nothing else", async () => {
    const { id, actors } = world.tenant;
    const { ownerUrl } = world.database;
    // Due half a day from now: an hour earlier is still to come, whatever time it is.
    const time_of_day = new Date(Date.now() + day / 2).toLocaleTimeString("en-GB", {
      timeZone: zone,
      hour: "2-digit",
      minute: "2-digit",
    });
    const make = async (next: string) => {
      const made = await makeSchedule(actors.manager, id, {
        timezone: zone,
        time_of_day,
        start_window_minutes: 30,
      });
      const { rows } = await world.admin.query(
        `UPDATE backup_schedules SET next_run_at = ${next} WHERE id = $1 RETURNING next_run_at`,
        [made.id],
      );
      return { id: made.id, right: made.next_run_at, given: rows[0].next_run_at.toISOString() };
    };
    const early = await make("next_run_at - interval '1 hour'");
    const late = await make("next_run_at + interval '5 hours'");
    const later = await make("next_run_at + interval '1 day'");
    const due = await make("now() - interval '2 hours 1 minute'");
    // Written five hours late, and its time passed unseen since it was made: it is due, and not skipped.
    const passed = await make("next_run_at + interval '5 hours'");
    await world.admin.query(
      "UPDATE backup_schedules SET updated_at = updated_at - interval '1 day' WHERE id = $1",
      [passed.id],
    );
    expect(await recomputeNextRuns(ownerUrl)).toBe(3);
    const next = async ({ id: scheduleId }: { id: number }) =>
      new Date(await stored("backup_schedules", "next_run_at", scheduleId)).toISOString();
    expect(await next(early)).toBe(early.right);
    expect(await next(late)).toBe(late.right);
    expect(await next(later)).toBe(later.given);
    expect(await next(due)).toBe(due.given);
    expect(Date.parse(await next(passed))).toBeLessThan(Date.now());
    expect(await recomputeNextRuns(ownerUrl)).toBe(0);
  });
});
