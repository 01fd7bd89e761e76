import { describe, expect, test } from "vitest";
import { listAuditLog } from "#lib/audit/list";
import { AppError } from "#lib/errors";
import { catalogRevision } from "#lib/policies/catalog";
import { executeRun } from "#lib/runs/execute";
import { getRun } from "#lib/runs/get";
import { listRuns } from "#lib/runs/list";
import { startRun } from "#lib/runs/start";
import { listBackupSets } from "#lib/sets/sets";
import { makeSchedule, plainSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { createSchedule } from "./create.ts";
import { deleteSchedule, deleteSchedules } from "./delete.ts";
import { getSchedule } from "./get.ts";
import { listSchedules } from "./list.ts";
import { setSchedulesEnabled } from "./set-enabled.ts";
import { scheduleTable } from "./table.ts";
import { updateSchedule } from "./update.ts";

const world = withWorld({ policies: 20 });

async function refusal(call: Promise<unknown>): Promise<{ code: string; paths: string[] }> {
  const error = await call.then(
    () => new Error("it was accepted"),
    (thrown) => thrown,
  );
  if (!(error instanceof AppError)) throw error;
  return { code: error.code, paths: (error.errors ?? []).map((fault) => fault.path) };
}

test("a schedule keeps the revision of the catalog that its policy types were chosen under", async () => {
  const { id, actors } = world.tenant;
  const { id: schedule_id, ...made } = await makeSchedule(actors.manager, id);
  expect(made.catalog_revision).toBe(catalogRevision);
  await world.admin.query("UPDATE backup_schedules SET catalog_revision = 1 WHERE id = $1", [schedule_id]);
  const change = (changes: Parameters<typeof updateSchedule>[2]["changes"]) =>
    updateSchedule(actors.manager, id, { schedule_id, changes });
  expect((await change({ name: "Renamed" })).catalog_revision).toBe(1);
  // The same types, looked at again.
  expect((await change({ policy_types: made.policy_types })).catalog_revision).toBe(catalogRevision);
});

test("in an archived tenant none is due, wherever it is shown, and its time is kept for when the tenant is taken back", async () => {
  const { id, actors } = world.tenant;
  const { id: schedule_id, next_run_at } = await makeSchedule(actors.manager, id, { name: "Put away" });
  const shown = async () => {
    const { items } = await listSchedules(actors.readonly, id, {});
    const { rows } = await scheduleTable(actors.readonly, id, { search: "Put away" });
    const one = await getSchedule(actors.readonly, id, { schedule_id });
    return [items.find((each) => each.id === schedule_id), rows[0], one].map((each) => each?.next_run_at);
  };
  const archive = (at: "now()" | "NULL") =>
    world.admin.query(`UPDATE tenants SET archived_at = ${at} WHERE id = $1`, [id]);
  await archive("now()");
  try {
    expect(await shown()).toEqual([null, null, null]);
  } finally {
    await archive("NULL");
  }
  expect(next_run_at).not.toBeNull();
  expect(await shown()).toEqual([next_run_at, next_run_at, next_run_at]);
});

describe("creating a schedule", () => {
  test("takes defaults, normalises the time, and is due at its next occurrence", async () => {
    const { id, actors } = world.tenant;
    const schedule = await createSchedule(actors.manager, id, {
      name: "  Weekly  ",
      timezone: "Europe/Berlin",
      frequency: "weekly",
      days_of_week: [7, 1],
      time_of_day: "02:30",
      policy_types: ["deviceConfiguration"],
    });
    expect(schedule).toMatchObject({
      tenant_id: id,
      name: "Weekly",
      time_of_day: "02:30:00",
      days_of_week: [7, 1],
      is_enabled: true,
      include_foundations: true,
      retention_keep_last: 30,
      missed_run_policy: "run_latest",
      last_run_at: null,
      version: 1,
    });
    const due = new Date(schedule.next_run_at ?? 0);
    expect(due.getTime()).toBeGreaterThan(Date.now());
    expect(due.getTime() - Date.now()).toBeLessThan(7 * 86_400_000);
    const berlin = new Intl.DateTimeFormat("en-GB", {
      timeZone: "Europe/Berlin",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
    }).format(due);
    expect(berlin).toMatch(/^(Sun|Mon),? 02:30$/);
  });

  test("that is disabled is never due", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, { is_enabled: false });
    expect(schedule.next_run_at).toBeNull();
  });

  const faults: [string, Record<string, unknown>, string][] = [
    ["an unknown policy type", { policy_types: ["deviceConfiguration", "madeUpPolicy"] }, "policy_types.1"],
    ["a foundation as policy type", { policy_types: ["assignmentFilter"] }, "policy_types.0"],
    ["no policy type", { policy_types: [] }, "policy_types"],
    [
      "a policy type twice",
      { policy_types: ["deviceConfiguration", "deviceConfiguration"] },
      "policy_types.1",
    ],
    ["an unknown zone", { timezone: "Europe/Atlantis" }, "timezone"],
    ["an offset as zone", { timezone: "+02:00" }, "timezone"],
    ["a time that does not exist", { time_of_day: "25:00" }, "time_of_day"],
    ["seconds", { time_of_day: "02:00:30" }, "time_of_day"],
    ["a weekday 0", { frequency: "weekly", days_of_week: [0] }, "days_of_week.0"],
    ["a weekday 8", { frequency: "weekly", days_of_week: [8] }, "days_of_week.0"],
    ["a weekday twice", { frequency: "weekly", days_of_week: [1, 1] }, "days_of_week"],
    ["weekly without days", { frequency: "weekly" }, "days_of_week"],
    ["weekly with no days", { frequency: "weekly", days_of_week: [] }, "days_of_week"],
    ["daily with days", { frequency: "daily", days_of_week: [1] }, "days_of_week"],
    ["another frequency", { frequency: "monthly" }, "frequency"],
    ["keep last 0", { retention_keep_last: 0 }, "retention_keep_last"],
    ["keep last 1.5", { retention_keep_last: 1.5 }, "retention_keep_last"],
    ["an empty name", { name: "   " }, "name"],
    ["a name of 10,000 characters", { name: "x".repeat(10_000) }, "name"],
    ["a null character in the name", { name: "a\u0000b" }, "name"],
    ["a field that does not exist", { color: "blue" }, "color"],
    ["a text for a truth value", { is_enabled: "yes" }, "is_enabled"],
  ];
  test.each(faults)("with %s names the field and writes nothing", async (_what, change, path) => {
    const { id, actors } = world.tenant;
    const before = await listSchedules(actors.readonly, id, { limit: 200 });
    const answer = await refusal(
      createSchedule(actors.manager, id, { ...plainSchedule, ...change } as never),
    );
    expect(answer.code).toBe("VALIDATION_FAILED");
    expect(answer.paths).toContain(path);
    expect(await listSchedules(actors.readonly, id, { limit: 200 })).toEqual(before);
  });

  test("without any field names every required one", async () => {
    const answer = await refusal(createSchedule(world.tenant.actors.manager, world.tenant.id, {} as never));
    expect(answer.paths.sort()).toEqual(["frequency", "name", "policy_types", "time_of_day", "timezone"]);
  });
});

describe("another tenant's schedule", () => {
  test("is not found by any operation, and stays as it is", async () => {
    const { actors, id } = world.tenant;
    const theirs = await makeSchedule(world.foreign.actors.manager, world.foreign.id, { name: "Theirs" });
    const calls = [
      getSchedule(actors.owner, id, { schedule_id: theirs.id }),
      updateSchedule(actors.owner, id, { schedule_id: theirs.id, changes: { name: "Mine" } }),
      deleteSchedule(actors.owner, id, { schedule_id: theirs.id }),
      startRun(actors.owner, id, { schedule_id: theirs.id }),
      listRuns(actors.owner, id, { schedule_id: theirs.id }),
    ];
    const codes = await Promise.all(calls.map(async (call) => (await refusal(call)).code));
    expect(codes).toEqual(calls.map(() => "NOT_FOUND"));
    expect(await deleteSchedules(actors.owner, id, { schedule_ids: [theirs.id] })).toEqual({ deleted: [] });
    expect(
      await setSchedulesEnabled(actors.owner, id, { schedule_ids: [theirs.id], is_enabled: false }),
    ).toEqual({
      changed: [],
      unchanged: [],
    });
    expect(
      await getSchedule(world.foreign.actors.readonly, world.foreign.id, { schedule_id: theirs.id }),
    ).toEqual(theirs);
  });
});

describe("changing a schedule", () => {
  test("moves the due time only when the timing changes", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const renamed = await updateSchedule(actors.manager, id, {
      schedule_id: schedule.id,
      changes: { name: "Renamed" },
    });
    expect(renamed).toMatchObject({ name: "Renamed", next_run_at: schedule.next_run_at, version: 2 });
    const moved = await updateSchedule(actors.manager, id, {
      schedule_id: schedule.id,
      changes: { time_of_day: "03:45", timezone: "UTC" },
    });
    expect(moved.next_run_at).toMatch(/T03:45:00\.000Z$/);
  });

  test("from weekly to daily drops the weekdays; to weekly without days is refused", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, { frequency: "weekly", days_of_week: [3] });
    const change = (changes: object) =>
      updateSchedule(actors.manager, id, { schedule_id: schedule.id, changes });
    expect(await change({ frequency: "daily" })).toMatchObject({ frequency: "daily", days_of_week: null });
    expect(await refusal(change({ frequency: "weekly" }))).toEqual({
      code: "VALIDATION_FAILED",
      paths: ["days_of_week"],
    });
    expect(await refusal(change({ days_of_week: [2] }))).toEqual({
      code: "VALIDATION_FAILED",
      paths: ["days_of_week"],
    });
    expect(await change({ frequency: "weekly", days_of_week: [2] })).toMatchObject({ days_of_week: [2] });
  });

  test("that someone else has changed meanwhile is refused when the version says so", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const change = (name: string) =>
      updateSchedule(actors.manager, id, {
        schedule_id: schedule.id,
        changes: { name, version: schedule.version },
      });
    await change("First");
    expect((await refusal(change("Second"))).code).toBe("EDIT_CONFLICT");
    expect(await getSchedule(actors.readonly, id, { schedule_id: schedule.id })).toMatchObject({
      name: "First",
    });
  });

  test("says in the audit log what changed from what to what", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    await updateSchedule(actors.manager, id, {
      schedule_id: schedule.id,
      changes: { retention_keep_last: 7 },
    });
    const { items } = await listAuditLog(actors.readonly, id, { action: "schedule.updated" });
    expect(items[0]).toMatchObject({
      actor_name: "manager 1",
      target_kind: "schedule",
      target_id: schedule.id,
      details: { retention_keep_last: { from: 30, to: 7 } },
    });
  });

  test("to keep other sets is applied at once; any other change is not retention's business", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const jobsAfter = async (changes: object) => {
      await updateSchedule(actors.manager, id, { schedule_id: schedule.id, changes });
      // Taken up at once: jobs of one schedule that wait are folded into one.
      const { rowCount } = await world.admin.query(
        "DELETE FROM pgboss.job WHERE name = 'apply-retention' AND data->>'backup_schedule_id' = $1",
        [String(schedule.id)],
      );
      return rowCount;
    };
    expect(await jobsAfter({ name: "Renamed", retention_keep_last: schedule.retention_keep_last })).toBe(0);
    expect(await jobsAfter({ retention_keep_last: 2 })).toBe(1);
    expect(await jobsAfter({ retention_keep_monthly: 3 })).toBe(1);
    expect(await jobsAfter({ timezone: "Asia/Tokyo" })).toBe(1);
  });

  test("to enabled never catches up: it is due at the next occurrence from now", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, { is_enabled: false });
    const { changed } = await setSchedulesEnabled(actors.manager, id, {
      schedule_ids: [schedule.id],
      is_enabled: true,
    });
    expect(changed).toEqual([schedule.id]);
    const enabled = await getSchedule(actors.readonly, id, { schedule_id: schedule.id });
    expect(new Date(enabled.next_run_at ?? 0).getTime()).toBeGreaterThan(Date.now());
    await setSchedulesEnabled(actors.manager, id, { schedule_ids: [schedule.id], is_enabled: false });
    expect(await getSchedule(actors.readonly, id, { schedule_id: schedule.id })).toMatchObject({
      next_run_at: null,
    });
  });
});

describe("deleting a schedule", () => {
  test("while a run is active lets the run end, and keeps its runs and sets in reach", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    await deleteSchedule(actors.manager, id, { schedule_id: schedule.id });
    expect((await refusal(getSchedule(actors.readonly, id, { schedule_id: schedule.id }))).code).toBe(
      "NOT_FOUND",
    );
    await executeRun(id, run.id, new AbortController().signal);
    expect(await getRun(actors.readonly, id, { run_id: run.id })).toMatchObject({ status: "success" });
    expect((await listRuns(actors.readonly, id, { schedule_id: schedule.id })).items).toHaveLength(1);
    expect((await listBackupSets(actors.readonly, id, { schedule_id: schedule.id })).items).toHaveLength(1);
  });

  test("in bulk is for managers, and passes over what is not there", async () => {
    const { id, actors } = world.tenant;
    const one = await makeSchedule(actors.manager, id);
    const two = await makeSchedule(actors.manager, id);
    const schedule_ids = [one.id, two.id, 2_000_000];
    expect((await refusal(deleteSchedules(actors.operator, id, { schedule_ids }))).code).toBe("FORBIDDEN");
    expect((await deleteSchedules(actors.manager, id, { schedule_ids })).deleted.sort()).toEqual(
      [one.id, two.id].sort(),
    );
  });
});

describe("lists", () => {
  test("page by cursor without loss or repetition, and refuse a cursor that is not theirs", async () => {
    const { id, actors } = world.foreign;
    for (let i = 0; i < 5; i += 1) await makeSchedule(actors.manager, id, { name: `Number ${i}` });
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSchedules(actors.readonly, id, { limit: 2, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map((schedule) => schedule.id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    const all = await listSchedules(actors.readonly, id, { limit: 200 });
    expect(seen).toEqual(all.items.map((schedule) => schedule.id));
    expect(await refusal(listSchedules(actors.readonly, id, { cursor: "'; DROP TABLE users" }))).toEqual({
      code: "VALIDATION_FAILED",
      paths: ["cursor"],
    });
    expect((await refusal(listSchedules(actors.readonly, id, { limit: 201 }))).paths).toEqual(["limit"]);
  });

  test("the table searches, filters, sorts and counts in the database", async () => {
    const { id, actors } = world.foreign;
    await makeSchedule(actors.manager, id, { name: "100% of it_all", is_enabled: false });
    const found = await scheduleTable(actors.readonly, id, { search: "0% of it_" });
    expect(found.rows.map((row) => row.name)).toEqual(["100% of it_all"]);
    expect(found.total).toBe(1);
    expect(found.unfiltered_total).toBeGreaterThan(5);
    const disabled = await scheduleTable(actors.readonly, id, { state: "disabled" });
    expect(disabled.rows.every((row) => !row.is_enabled)).toBe(true);
    const sorted = await scheduleTable(actors.readonly, id, { sort: "name", direction: "desc", size: 10 });
    const names = sorted.rows.map((row) => row.name.toLowerCase());
    expect(names).toEqual([...names].sort().reverse());
  });
});
