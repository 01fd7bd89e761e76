import { beforeAll, describe, expect, test } from "vitest";
import { deleteSchedule } from "#lib/schedules/delete";
import { setSchedulesEnabled } from "#lib/schedules/set-enabled";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { lastDays } from "./days.ts";
import { listMyTenants, tenantSummary } from "./my-tenants.ts";
import { getTenantOverview } from "./overview.ts";
import { getPortfolio } from "./portfolio.ts";
import { getStorageOverview } from "./storage.ts";
import { getUpcomingRuns } from "./upcoming.ts";

const world = withWorld();
const hour = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * hour);

interface PastRun {
  at: Date;
  status: "success" | "partial" | "failed" | "canceled" | "skipped";
  changes?: { added: number; changed: number; removed: number; unchanged: number };
  error?: string;
}

let occurrences = 0;

/** Runs that have ended, without sets. @returns their ids */
async function insertRuns(tenantId: number, scheduleId: number, runs: readonly PastRun[]): Promise<number[]> {
  const ids: number[] = [];
  for (const { at, status, changes, error } of runs) {
    occurrences += 1;
    const { rows } = await world.admin.query<{ id: number }>(
      `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at,
                                         summary, error_code, error_message)
       VALUES ($1, $2, $3, 'schedule', $4, $5, $5, $6, $7, $8) RETURNING id`,
      [
        tenantId,
        scheduleId,
        new Date(Date.UTC(2000, 0, 1) + occurrences * 60_000),
        status,
        at,
        JSON.stringify(changes ? { changes } : {}),
        error ?? null,
        error ? `Because of ${error}` : null,
      ],
    );
    ids.push(...rows.map((row) => row.id));
  }
  return ids;
}

/** Makes a schedule as old as it must be to have missed anything. */
async function oldSchedule(name: string, changes: Parameters<typeof makeSchedule>[2] = {}): Promise<number> {
  const { id } = await makeSchedule(world.tenant.actors.manager, world.tenant.id, { name, ...changes });
  await world.admin.query(
    "UPDATE backup_schedules SET created_at = now() - interval '90 days' WHERE id = $1",
    [id],
  );
  return id;
}

const overview = (timezone?: string) =>
  getTenantOverview(world.tenant.actors.readonly, world.tenant.id, timezone ? { timezone } : {});

describe("the overview of a tenant without anything", () => {
  test("has its days, and nothing in them", async () => {
    const empty = await getTenantOverview(world.foreign.actors.readonly, world.foreign.id, {});
    expect(empty.days).toHaveLength(30);
    expect(empty.days.every((day) => day.success + day.failed + day.added === 0)).toBe(true);
    expect(empty).toMatchObject({
      success: { succeeded: 0, attempted: 0, rate: null },
      failures: [],
      protection: { schedules: { total: 0, in_breach: 0 }, last_success_at: null, breaches: [] },
    });
  });
});

describe("the overview's days", () => {
  let scheduleId = 0;
  const today = () => lastDays("Asia/Kolkata", new Date(), 1)[0]?.from ?? new Date();

  beforeAll(async () => {
    ({ id: scheduleId } = await makeSchedule(world.tenant.actors.manager, world.tenant.id, { name: "Days" }));
    const earlier = (milliseconds: number) => new Date(today().getTime() - milliseconds);
    await insertRuns(world.tenant.id, scheduleId, [
      // The first backup has nothing to compare with: what it captured was not added.
      {
        at: earlier(40 * 24 * hour),
        status: "success",
        changes: { added: 80, changed: 0, removed: 0, unchanged: 0 },
      },
      { at: earlier(1), status: "success", changes: { added: 2, changed: 3, removed: 1, unchanged: 80 } },
      {
        at: earlier(1),
        status: "partial",
        changes: { added: 0, changed: 1, removed: 0, unchanged: 10 },
        error: "INCOMPLETE_CAPTURE",
      },
      { at: today(), status: "failed", error: "AUTH_CONFIG" },
      { at: today(), status: "skipped", error: "CONCURRENT_RUN" },
      { at: today(), status: "canceled", error: "CANCELED" },
    ]);
  });

  test("are the zone's, to the millisecond", async () => {
    const { days } = await overview("Asia/Kolkata");
    expect(days.slice(-2)).toMatchObject([
      { success: 1, partial: 1, failed: 0, added: 2, changed: 4, removed: 1 },
      { success: 0, partial: 0, failed: 1, skipped: 1, canceled: 1, added: 0 },
    ]);
  });

  test("hold every run of thirty days once, in every zone", async () => {
    for (const zone of ["UTC", "America/Los_Angeles", "Pacific/Auckland", "Australia/Lord_Howe"]) {
      const { days } = await overview(zone);
      const total = (of: "success" | "partial" | "failed" | "added") =>
        days.reduce((sum, day) => sum + day[of], 0);
      expect([total("success"), total("partial"), total("failed"), total("added")], zone).toEqual([
        1, 1, 1, 2,
      ]);
    }
  });

  test("give the success rate, and that of the thirty days before", async () => {
    expect(await overview()).toMatchObject({
      success: { succeeded: 1, attempted: 3, rate: 1 / 3 },
      success_before: { succeeded: 1, attempted: 1, rate: 1 },
    });
  });

  test("refuse a zone that is none", async () => {
    await expect(overview("Mars/Olympus")).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  });

  test("know what a run of our own found changed", async () => {
    await makeSet(world.tenant, scheduleId);
    const removed = await world.admin.query(
      "SELECT summary->'changes' AS changes, changes_added FROM backup_schedule_runs ORDER BY id DESC LIMIT 1",
    );
    expect(removed.rows[0]).toMatchObject({ changes: { unchanged: 0 }, changes_added: 0 });
    expect(removed.rows[0].changes.added).toBeGreaterThan(0);
    const { protection } = await overview();
    expect(protection).toMatchObject({ last_run_status: "success", schedules: { failing: 0, in_breach: 0 } });
    expect(Date.parse(protection.last_success_at ?? "")).toBeGreaterThan(Date.now() - hour);
  });
});

describe("the causes of failures", () => {
  test("are grouped, newest first, with how many schedules still suffer", async () => {
    const fixed = await oldSchedule("Fixed");
    const broken = await oldSchedule("Broken");
    await world.admin.query("UPDATE backup_schedules SET last_run_status = 'success' WHERE id = $1", [fixed]);
    await world.admin.query("UPDATE backup_schedules SET last_run_status = 'failed' WHERE id = $1", [broken]);
    await insertRuns(world.tenant.id, fixed, [{ at: ago(30), status: "failed", error: "GRAPH_THROTTLE" }]);
    const [, newest] = await insertRuns(world.tenant.id, broken, [
      { at: ago(20 * 24), status: "failed", error: "GRAPH_THROTTLE" },
      { at: ago(2), status: "failed", error: "GRAPH_THROTTLE" },
    ]);
    const { failures, protection } = await overview();
    expect(failures[0]).toEqual({
      error_code: "GRAPH_THROTTLE",
      runs: 2,
      schedules: 2,
      unresolved_schedules: 1,
      fixed_schedules: 1,
      deleted_schedules: 0,
      newest: {
        run_id: newest,
        status: "failed",
        schedule_id: broken,
        schedule_name: "Broken",
        schedule_is_deleted: false,
        error_message: "Because of GRAPH_THROTTLE",
        finished_at: expect.any(String),
      },
    });
    expect(failures.map((cause) => cause.error_code)).toEqual([
      "GRAPH_THROTTLE",
      "AUTH_CONFIG",
      "INCOMPLETE_CAPTURE",
    ]);
    expect(protection.schedules.failing).toBe(1);
  });
});

describe("a breach", () => {
  const inBreach = async () => (await overview()).protection.breaches.map((breach) => breach.name);
  let known: string[] = [];

  beforeAll(async () => {
    known = await inBreach();
  });
  const found = async () => (await inBreach()).filter((name) => !known.includes(name));

  test("is a schedule whose newest complete set is too old; a partial one does not count", async () => {
    const id = await oldSchedule("Starving", { timezone: "UTC" });
    expect(await found()).toEqual(["Starving"]);
    await insertSets(world.admin, {
      tenantId: world.tenant.id,
      scheduleId: id,
      sets: [{ created_at: ago(80) }, { created_at: ago(1), status: "partial" }],
    });
    const { protection } = await overview();
    const breach = protection.breaches.find((each) => each.id === id);
    expect(breach?.missed).toBeGreaterThanOrEqual(3);
    expect(Date.parse(breach?.last_complete_at ?? "")).toBeLessThan(Date.now() - 79 * hour);
  });

  test("ends with a complete set, and comes back when that goes to the bin", async () => {
    const id = await oldSchedule("Fed", { timezone: "UTC" });
    expect(await found()).toContain("Fed");
    await insertSets(world.admin, {
      tenantId: world.tenant.id,
      scheduleId: id,
      sets: [{ created_at: ago(2) }],
    });
    expect(await found()).not.toContain("Fed");
    await behindTheGuards(
      world.admin,
      "UPDATE backup_sets SET deleted_at = now() WHERE backup_schedule_id = $1",
      [id],
    );
    expect(await found()).toContain("Fed");
  });

  test("is none of a disabled schedule, but of one that the service has paused", async () => {
    const id = await oldSchedule("Stopped", { timezone: "UTC" });
    await setSchedulesEnabled(world.tenant.actors.manager, world.tenant.id, {
      schedule_ids: [id],
      is_enabled: false,
    });
    expect(await found()).not.toContain("Stopped");
    await world.admin.query("UPDATE backup_schedules SET paused_reason = 'Paused' WHERE id = $1", [id]);
    expect(await found()).toContain("Stopped");
    expect((await overview()).protection.schedules.paused).toBe(1);
  });

  test("comes first when there never was a complete backup, then the oldest", async () => {
    const { protection } = await overview();
    const since = protection.breaches.map((breach) => Date.parse(breach.last_complete_at ?? "1970-01-01"));
    expect(since).toEqual(since.toSorted((a, b) => a - b));
    expect(new Set(since).size).toBeGreaterThan(1);
  });

  test("is none of a new schedule, nor of a weekly one before its day", async () => {
    await makeSchedule(world.tenant.actors.manager, world.tenant.id, { name: "New" });
    const tomorrow = new Date(Date.now() + 24 * hour).getUTCDay() || 7;
    const id = await oldSchedule("Weekly", {
      timezone: "UTC",
      frequency: "weekly",
      days_of_week: [tomorrow],
    });
    await insertSets(world.admin, {
      tenantId: world.tenant.id,
      scheduleId: id,
      sets: [{ created_at: ago(5 * 24) }],
    });
    expect(await found()).not.toEqual(expect.arrayContaining(["New"]));
    expect(await found()).not.toContain("Weekly");
  });
});

describe("the coming runs", () => {
  const upcoming = (range: "day" | "week", timezone = "UTC") =>
    getUpcomingRuns(world.foreign.actors.readonly, world.foreign.id, { range, timezone });

  test("are none without a schedule, hour by hour all the same", async () => {
    const { slots, total } = await upcoming("day");
    expect(total).toBe(0);
    expect(slots.length).toBeGreaterThanOrEqual(24);
    expect(Date.parse(slots[0]?.from ?? "")).toBeLessThanOrEqual(Date.now());
    expect(slots.slice(1).map((slot) => slot.from)).toEqual(slots.slice(0, -1).map((slot) => slot.to));
  });

  test("are counted once each, at their time", async () => {
    const at = new Date(Date.now() + 5 * hour);
    const time_of_day = `${String(at.getUTCHours()).padStart(2, "0")}:07`;
    const manager = world.foreign.actors.manager;
    for (const name of ["A", "B"]) {
      await makeSchedule(manager, world.foreign.id, { name, timezone: "UTC", time_of_day });
    }
    await makeSchedule(manager, world.foreign.id, {
      name: "Weekly",
      timezone: "UTC",
      time_of_day,
      frequency: "weekly",
      days_of_week: [new Date(at.getTime() + 48 * hour).getUTCDay() || 7],
    });
    const day = await upcoming("day");
    expect(day).toMatchObject({ total: 2, overdue: 0 });
    const slot = day.slots.find((each) => each.runs > 0);
    expect(slot).toMatchObject({ runs: 2, schedules: [{ name: "A" }, { name: "B" }] });
    const due = Date.parse(slot?.schedules[0]?.at ?? "");
    expect(due).toBeGreaterThanOrEqual(Date.parse(slot?.from ?? ""));
    expect(due).toBeLessThan(Date.parse(slot?.to ?? ""));
    expect(new Date(due).getUTCMinutes()).toBe(7);

    const week = await upcoming("week", "Asia/Kolkata");
    expect(week.total).toBe(2 * 7 + 1);
    expect(week.slots.length).toBeGreaterThanOrEqual(28);
    expect(week.slots.every((each) => new Date(each.from).getUTCMinutes() === 30)).toBe(true);
  });

  test("say what is due and not dispatched, in the first hour", async () => {
    await world.admin.query(
      "UPDATE backup_schedules SET next_run_at = now() - interval '3 hours' WHERE tenant_id = $1 AND name = 'A'",
      [world.foreign.id],
    );
    const { overdue, slots } = await upcoming("day");
    expect(overdue).toBe(1);
    expect(slots[0]?.runs).toBeGreaterThanOrEqual(1);
  });

  test("count once what has been due for days", async () => {
    await world.admin.query(
      "UPDATE backup_schedules SET next_run_at = next_run_at - interval '3 days' WHERE tenant_id = $1 AND name = 'A'",
      [world.foreign.id],
    );
    const { overdue, total } = await upcoming("day");
    // A's, A's next, and B's.
    expect({ overdue, total }).toEqual({ overdue: 1, total: 3 });
  });
});

describe("the portfolio", () => {
  test("says of each tenant of a person what its overview says, and of no other", async () => {
    const person = world.tenant.actors.readonly;
    const [mine, ...others] = await getPortfolio(person, { timezone: "Europe/Berlin" });
    expect(others).toEqual([]);
    const { protection, days } = await overview("Europe/Berlin");
    expect(mine).toMatchObject({ id: world.tenant.id, name: "Tenant 1", role: "readonly", ...protection });
    expect(mine?.days).toEqual(
      days.slice(-14).map(({ date, success, partial, failed }) => ({ date, success, partial, failed })),
    );

    await world.admin.query(
      "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'operator')",
      [world.foreign.id, person.user_id],
    );
    const both = await getPortfolio(person, { timezone: "UTC" });
    expect(both.map(({ name, role }) => [name, role])).toEqual([
      ["Tenant 1", "readonly"],
      ["Tenant 2", "operator"],
    ]);
    expect(both[1]).toMatchObject({ schedules: { total: 3 }, success: { attempted: 0, rate: null } });
  });

  test("of somebody without tenants is empty", async () => {
    expect(await getPortfolio({ kind: "user", user_id: 999_999 }, {})).toEqual([]);
  });
});

test("in an archived tenant no run is due and no backup is missed, and everything that tells of it says so", async () => {
  const { id, actors } = world.tenant;
  const told = async () => {
    const { protection } = await overview();
    const { total, slots } = await getUpcomingRuns(actors.readonly, id, {});
    const portfolio = await getPortfolio(actors.readonly, {});
    const own = await listMyTenants(actors.readonly, {});
    const summaries = [
      protection,
      portfolio.find((each) => each.id === id),
      own.find((each) => each.id === id),
      await tenantSummary(actors.readonly, id, {}),
    ];
    return {
      total,
      runs: slots.reduce((sum, slot) => sum + slot.runs, 0),
      next: summaries.map((each) => each?.next_run_at ?? null),
      archived: summaries.map((each) => each?.is_archived),
      breaches: [protection, portfolio.find((each) => each.id === id)].map((each) => [
        each?.breaches.length,
        each?.schedules.in_breach,
      ]),
    };
  };
  const live = await told();
  expect(live.total).toBeGreaterThan(0);
  expect(live.next).not.toContain(null);
  expect(live.archived).toEqual([false, false, false, false]);
  expect(live.breaches.flat()).not.toContain(0);
  await world.admin.query("UPDATE tenants SET archived_at = now() WHERE id = $1", [id]);
  try {
    expect(await told()).toEqual({
      total: 0,
      runs: 0,
      next: [null, null, null, null],
      archived: [true, true, true, true],
      breaches: [
        [0, 0],
        [0, 0],
      ],
    });
  } finally {
    await world.admin.query("UPDATE tenants SET archived_at = NULL WHERE id = $1", [id]);
  }
});

test("storage counts weeks by the zone's Mondays", async () => {
  const { weeks } = await getStorageOverview(world.tenant.actors.readonly, world.tenant.id, {
    timezone: "Pacific/Auckland",
  });
  expect(weeks).toHaveLength(12);
  expect(weeks.every((week) => new Date(week.week_begins).getUTCDay() === 1)).toBe(true);
  expect(weeks.at(-1)?.sets_made).toBeGreaterThan(0);
});

test("storage counts every set once, also those from before the weeks, and the bin apart", async () => {
  const actor = world.foreign.actors.readonly;
  const { id: scheduleId } = await makeSchedule(world.foreign.actors.manager, world.foreign.id, {
    name: "Stored",
  });
  const before = await getStorageOverview(actor, world.foreign.id, {});
  const [binned] = await insertSets(world.admin, {
    tenantId: world.foreign.id,
    scheduleId,
    sets: [400 * 24, 200 * 24, 30 * 24, 1].map((hours) => ({ created_at: ago(hours) })),
    items: 2,
  });
  await behindTheGuards(world.admin, "UPDATE backup_sets SET deleted_at = now() WHERE id = $1", [binned]);
  const after = await getStorageOverview(actor, world.foreign.id, {});
  expect(after).toMatchObject({
    sets: before.sets + 3,
    binned_sets: before.binned_sets + 1,
    items: before.items + 8,
  });
  expect(after.bytes_logical).toBeGreaterThan(before.bytes_logical);
  const made = (of: typeof after) => of.weeks.reduce((sum, week) => sum + week.sets_made, 0);
  expect(made(after) - made(before)).toBe(2);
});

test("a portfolio of 300 tenants has each of the person's tenants once, by name, and nobody else's", async () => {
  const { actors } = world.tenant;
  const { readonly } = actors;
  if (readonly.kind !== "user") throw new Error("the reader is no person");
  const before = await getPortfolio(readonly, { timezone: "UTC" });
  await world.admin.query(
    `WITH made AS (INSERT INTO tenants (name) SELECT 'Customer ' || n FROM generate_series(1, 300) n RETURNING id)
     INSERT INTO memberships (tenant_id, user_id, role) SELECT id, $1, 'operator' FROM made`,
    [readonly.user_id],
  );
  const portfolio = await getPortfolio(readonly, { timezone: "UTC" });
  expect(portfolio).toHaveLength(before.length + 300);
  const names = portfolio.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.startsWith("customer"))).toHaveLength(300);
  expect(portfolio.every(({ days }) => days.length === portfolio[0]?.days.length)).toBe(true);
  const others = await getPortfolio(actors.owner, { timezone: "UTC" });
  expect(others.map(({ name }) => name)).not.toContain("Customer 1");
});

test("the causes of failures say of each what became of it, whatever else the schedule has had since", async () => {
  const { id, actors } = world.foreign;
  const schedule = async (name: string, last: PastRun["status"], runs: readonly PastRun[]) => {
    const { id: schedule_id } = await makeSchedule(actors.manager, id, { name });
    await insertRuns(id, schedule_id, runs);
    await world.admin.query("UPDATE backup_schedules SET last_run_status = $2 WHERE id = $1", [
      schedule_id,
      last,
    ]);
    return schedule_id;
  };
  const failed = (hours: number, error: string): PastRun => ({ at: ago(hours), status: "failed", error });
  const skipped = (hours: number): PastRun => ({
    at: ago(hours),
    status: "skipped",
    error: "CONCURRENT_RUN",
  });
  await schedule("Mended, and skipped since", "skipped", [
    failed(85, "GRAPH_THROTTLE"),
    { at: ago(55), status: "success" },
    skipped(5),
  ]);
  // Of each cause another end. What was skipped or canceled has fixed nothing.
  await schedule("Once throttled", "canceled", [
    failed(90, "GRAPH_THROTTLE"),
    { at: ago(70), status: "success" },
    failed(50, "PERMISSION_MISSING"),
    failed(30, "AUTH_CONFIG"),
    skipped(20),
    { at: ago(10), status: "canceled", error: "CANCELED" },
  ]);
  // Other causes since, whatever was between them.
  await schedule("Of another cause", "failed", [
    failed(80, "GRAPH_THROTTLE"),
    { at: ago(65), status: "success" },
    failed(45, "PERMISSION_MISSING"),
    failed(25, "AUTH_CONFIG"),
  ]);
  await schedule("Skipped since", "skipped", [failed(40, "AUTH_CONFIG"), skipped(4)]);
  const gone = await schedule("Gone", "failed", [failed(60, "GRAPH_UNAVAILABLE")]);
  await deleteSchedule(actors.manager, id, { schedule_id: gone });
  const { failures } = await getTenantOverview(actors.readonly, id, {});
  expect(
    failures.map((cause) => [
      cause.error_code,
      cause.schedules,
      cause.unresolved_schedules,
      cause.fixed_schedules,
      cause.deleted_schedules,
    ]),
  ).toEqual([
    ["GRAPH_UNAVAILABLE", 1, 0, 0, 1],
    ["AUTH_CONFIG", 3, 3, 0, 0],
    ["PERMISSION_MISSING", 2, 0, 0, 0],
    ["GRAPH_THROTTLE", 3, 0, 1, 0],
  ]);
  expect(failures.map(({ newest }) => newest.schedule_is_deleted)).toEqual([true, false, false, false]);
});
