import { beforeAll, expect, test } from "vitest";
import { alertsActor, dispatcherActor } from "#lib/access/actor";
import { transaction } from "#lib/db/transaction";
import { tick } from "#lib/schedules/tick";
import { watchSchedules } from "#lib/schedules/watch";
import { lookedAfter } from "#lib/testing/looked-after";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { acknowledgeIncident, listIncidents, snoozeIncident } from "./incidents.ts";
import { type Alert, raiseAlerts } from "./raise.ts";
import { routeAlert } from "./route.ts";

const world = withWorld({ policies: 1 });

beforeAll(() => {
  Object.assign(process.env, { SMTP_HOST: "mail.example", SMTP_FROM: "alerts@example.com" });
});

const failed = (kind: "run.failed" | "run.partial" = "run.failed", cause = "schedule:1:backup"): Alert => ({
  kind,
  cause,
  tenant_id: world.tenant.id,
  title: kind,
  body: "It's told.",
  link: null,
  schedule_id: 1,
  policy_types: ["x"],
});
const recovered = (cause = "schedule:1:backup"): Alert => ({
  kind: "run.recovered",
  cause,
  tenant_id: world.tenant.id,
  title: "Recovered",
  body: "",
  link: null,
});
const raise = (...alerts: Alert[]) =>
  transaction({ as: "app", tenant_id: world.tenant.id }, (db) => raiseAlerts(db, alerts));

/** The events since the last call, and whether each has its job. */
async function told(): Promise<string[]> {
  const { rows } = await world.admin.query(`
    DELETE FROM alert_events e RETURNING kind, EXISTS (
      SELECT FROM pgboss.job WHERE name = 'route-alert' AND (data ->> 'event_id')::bigint = e.id) AS has_job`);
  expect(rows.filter((row) => !row.has_job)).toEqual([]);
  return rows.map((row) => row.kind);
}
const open = () =>
  listIncidents(world.tenant.actors.readonly, world.tenant.id, {}).then((page) => page.items);

test("one open incident of a cause: told once, counted then, told again when it is worse, closed by its end", async () => {
  await raise(failed("run.partial"));
  await raise(failed("run.partial"), failed("run.partial", "schedule:2:backup"));
  expect(await told()).toEqual(["run.partial", "run.partial"]);
  await raise(failed("run.failed"));
  await raise(failed("run.partial"));
  expect(await told()).toEqual(["run.failed"]);
  expect(await open()).toMatchObject([
    { cause: "schedule:2:backup", count: 1, severity: "warning" },
    { cause: "schedule:1:backup", count: 4, severity: "critical", kind: "run.failed" },
  ]);
  await raise(recovered(), recovered("schedule:2:backup"), recovered("schedule:3:backup"));
  expect(await told()).toEqual(["run.recovered", "run.recovered"]);
  await raise(recovered());
  expect([await told(), await open()]).toEqual([[], []]);
});

test("what it costs to raise alerts grows as their number does, and not faster", async () => {
  /** How often the tenants of alerts of two tenants are looked at. */
  const looksFor = async (count: number): Promise<number> => {
    let looks = 0;
    const alerts = [world.foreign.id, world.tenant.id].flatMap((tenant_id) =>
      Array.from({ length: count }, (_, n) =>
        Object.defineProperty(failed("run.failed", `schedule:${n}:backup`), "tenant_id", {
          enumerable: true,
          get() {
            looks += 1;
            return tenant_id;
          },
        }),
      ),
    );
    await transaction({ as: "dispatcher" }, (db) => raiseAlerts(db, alerts));
    expect(await told()).toHaveLength(2 * count);
    await world.admin.query("DELETE FROM incidents");
    return looks;
  };
  const few = await looksFor(10);
  expect(await looksFor(100)).toBeLessThanOrEqual(10 * few);
});

test("two that are raised at the same time open one incident, and one is told", async () => {
  await Promise.all(Array.from({ length: 4 }, () => raise(failed())));
  expect(await told()).toEqual(["run.failed"]);
  expect(await open()).toMatchObject([{ count: 4 }]);
  await raise(recovered());
  await told();
});

test("nothing is told of what was rolled back", async () => {
  const { id } = world.tenant;
  const before = await jobs();
  const work = transaction({ as: "app", tenant_id: id }, async (db) => {
    await raiseAlerts(db, [failed()]);
    throw new Error("rolled back");
  });
  await expect(work).rejects.toThrow("rolled back");
  expect([await told(), await open(), await jobs()]).toEqual([[], [], before]);
});

async function jobs(): Promise<number> {
  const { rows } = await world.admin.query(
    "SELECT count(*)::int AS n FROM pgboss.job WHERE name IN ('route-alert', 'deliver-alert')",
  );
  return rows[0].n;
}

/** Routes every event that is not routed. */
async function route(): Promise<number[]> {
  const { rows } = await world.admin.query(
    "SELECT tenant_id, id::int AS event_id FROM alert_events WHERE routed_at IS NULL ORDER BY id",
  );
  const written: number[] = [];
  for (const event of rows) written.push(await routeAlert(alertsActor, event));
  return written;
}

test("a tenant's owners hear by mail without a rule of their own, once there is a mail server; again it is routed once", async () => {
  await raise(failed());
  expect(await route()).toEqual([1]);
  await world.admin.query("UPDATE alert_events SET routed_at = NULL");
  expect(await route()).toEqual([0]);
  const { rows } = await world.admin.query(`
    SELECT t.name, d.state, t.tenant_id = d.tenant_id AS own FROM alert_deliveries d JOIN alert_targets t ON t.id = d.target_id`);
  expect(rows).toEqual([{ name: "Owners by mail", state: "pending", own: true }]);
  await raise(recovered());
  delete process.env.SMTP_HOST;
  expect(await route()).toEqual([0]);
  process.env.SMTP_HOST = "mail.example";
  await told();
});

test("an incident that is snoozed tells its end alone; an operator acknowledges and snoozes, and all of it is audited", async () => {
  const { id, actors } = world.tenant;
  await raise(failed("run.partial"));
  await told();
  const [incident] = await open();
  const incident_id = incident?.id ?? 0;
  await expect(acknowledgeIncident(actors.readonly, id, { incident_id })).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  await expect(
    snoozeIncident(world.foreign.actors.owner, world.foreign.id, { incident_id, hours: 1 }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await acknowledgeIncident(actors.operator, id, { incident_id })).toMatchObject({
    acknowledged_by: "operator 1",
  });
  await snoozeIncident(actors.operator, id, { incident_id, hours: 2 });
  await raise(failed("run.failed"));
  expect(await route()).toEqual([0]);
  await raise(recovered());
  expect(await route()).toEqual([1]);
  await expect(snoozeIncident(actors.operator, id, { incident_id, hours: 1 })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  const { rows } = await world.admin.query(
    "SELECT action FROM audit_log WHERE target_kind = 'incident' ORDER BY id",
  );
  expect(rows.map((row) => row.action)).toEqual(["incident.acknowledged", "incident.snoozed"]);
  await told();
});

test("the dispatcher was away for an hour: what is overdue is said once, and its end once", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { name: "Nightly" });
  const watch = () => lookedAfter("schedules", () => watchSchedules(dispatcherActor, {}));
  await world.admin.query("UPDATE backup_schedules SET next_run_at = now() - interval '14 minutes'");
  expect(await watch()).toEqual({ opened: 0, closed: 0 });
  await world.admin.query("UPDATE backup_schedules SET next_run_at = now() - interval '1 hour'");
  expect(await watch()).toEqual({ opened: 1, closed: 0 });
  expect(await watch()).toEqual({ opened: 0, closed: 0 });
  expect(await told()).toEqual(["backup.overdue"]);
  // Dispatched, and taken up by nobody: overdue as before.
  await world.admin.query(
    `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, created_at, trigger, status)
     VALUES ($1, $2, now() - interval '1 hour', now() - interval '20 minutes', 'schedule', 'running')`,
    [id, schedule.id],
  );
  await world.admin.query("UPDATE backup_schedules SET next_run_at = now() + interval '1 day'");
  expect(await watch()).toEqual({ opened: 0, closed: 0 });
  await world.admin.query("UPDATE backup_schedule_runs SET started_at = now()");
  expect(await watch()).toEqual({ opened: 0, closed: 1 });
  expect(await watch()).toEqual({ opened: 0, closed: 0 });
  expect(await told()).toEqual(["backup.begun"]);
});

test("the first tick after an hour without any says what is overdue before it dispatches that, once, and its end once", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { name: "Hourly" });
  const kinds = async () => {
    const { rows } = await world.admin.query(
      "SELECT kind FROM alert_events WHERE schedule_id = $1 ORDER BY id",
      [schedule.id],
    );
    return rows.map(({ kind }) => kind);
  };
  await world.admin.query(
    "UPDATE backup_schedules SET next_run_at = now() - interval '1 hour' WHERE id = $1",
    [schedule.id],
  );
  expect(await tick()).toMatchObject({ claimed: 1, started: 1 });
  await tick();
  expect(await kinds()).toEqual(["backup.overdue"]);
  await world.admin.query(
    "UPDATE backup_schedule_runs SET started_at = now() WHERE backup_schedule_id = $1",
    [schedule.id],
  );
  await tick();
  await tick();
  expect(await kinds()).toEqual(["backup.overdue", "backup.begun"]);
  await world.admin.query("DELETE FROM alert_events");
});

test("a schedule that was skipped three times in a row is said once, until it runs", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { name: "Skipped" });
  const run = (status: string, started: string) =>
    world.admin.query(
      `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at)
       VALUES ($1, $2, clock_timestamp(), 'schedule', $3::run_status, ${started},
               CASE WHEN $3 <> 'running' THEN now() END)`,
      [id, schedule.id, status],
    );
  await world.admin.query("UPDATE backup_schedules SET last_run_status = 'skipped' WHERE id = $1", [
    schedule.id,
  ]);
  await run("skipped", "NULL");
  await run("skipped", "NULL");
  expect(await lookedAfter("schedules", () => watchSchedules(dispatcherActor, {}))).toEqual({
    opened: 0,
    closed: 0,
  });
  await run("skipped", "NULL");
  expect(await lookedAfter("schedules", () => watchSchedules(dispatcherActor, {}))).toEqual({
    opened: 1,
    closed: 0,
  });
  // One whose types are all unlicensed has begun, and is skipped; one that is under way may end so.
  await run("skipped", "now()");
  await run("running", "now()");
  expect(await lookedAfter("schedules", () => watchSchedules(dispatcherActor, {}))).toEqual({
    opened: 0,
    closed: 0,
  });
  await world.admin.query(
    "UPDATE backup_schedule_runs SET status = 'skipped', finished_at = now() WHERE backup_schedule_id = $1 AND status = 'running'",
    [schedule.id],
  );
  await run("failed", "now()");
  expect(await lookedAfter("schedules", () => watchSchedules(dispatcherActor, {}))).toEqual({
    opened: 0,
    closed: 1,
  });
  expect(await told()).toEqual(["run.skipped", "run.not_skipped"]);
});
