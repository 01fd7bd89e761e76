import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { transaction } from "#lib/db/transaction";
import { applyRetention, purgeBin } from "#lib/retention/retention";
import { deleteSchedule } from "#lib/schedules/delete";
import { removeSet, restoreSet } from "#lib/sets/bin";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets, makeSet } from "#lib/testing/sets";
import type { TestTenant } from "#lib/testing/tenants";
import { until, withWorld } from "#lib/testing/world";
import { isInBreach, missedOccurrences, type PromisedBackups } from "./breach.ts";
import { readProtectionFacts } from "./protection-facts.ts";

const world = withWorld({ policies: 30 });
const hour = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - Math.round(hours * hour));

/** Repeatable: a generator of its own (mulberry32). */
let seed = 20261201;
function below(limit: number): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
}
function pick<T>(values: readonly [T, ...T[]]): T {
  return values[below(values.length)] ?? values[0];
}

/** A schedule as old as it must be to have missed anything. */
async function oldSchedule(
  of: TestTenant,
  changes: Parameters<typeof makeSchedule>[2] = {},
): Promise<number> {
  const { id } = await makeSchedule(of.actors.manager, of.id, changes);
  await world.admin.query(
    "UPDATE backup_schedules SET created_at = now() - interval '90 days' WHERE id = $1",
    [id],
  );
  return id;
}

const newestOfSets = `(SELECT max(b.created_at) FROM backup_sets b
  WHERE b.backup_schedule_id = s.id AND b.status = 'success' AND b.deleted_at IS NULL)`;

/** Schedules of which the database keeps another newest complete set than they have. */
async function keptWrongly(): Promise<unknown[]> {
  const { rows } = await world.admin.query(
    `SELECT s.id, s.last_complete_at AS kept, ${newestOfSets} AS newest FROM backup_schedules s
     WHERE s.last_complete_at IS DISTINCT FROM ${newestOfSets} ORDER BY s.id`,
  );
  return rows;
}

async function keptOf(scheduleId: number): Promise<Date | null> {
  const { rows } = await world.admin.query<{ last_complete_at: Date | null }>(
    "SELECT last_complete_at FROM backup_schedules WHERE id = $1",
    [scheduleId],
  );
  return rows[0]?.last_complete_at ?? null;
}

async function madeAt(setId: number | undefined): Promise<Date | undefined> {
  const { rows } = await world.admin.query<{ created_at: Date }>(
    "SELECT created_at FROM backup_sets WHERE id = $1",
    [setId],
  );
  return rows[0]?.created_at;
}

describe("over histories of all kinds", () => {
  const schedules: { id: number; tenant_id: number }[] = [];
  beforeAll(async () => {
    for (const of of [world.tenant, world.foreign]) {
      for (const frequency of ["daily", "weekly", "daily", "weekly", "daily", "daily", "daily"] as const) {
        const id = await oldSchedule(of, {
          name: `${frequency} of ${of.id}`,
          frequency,
          timezone: pick(["UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles"]),
          time_of_day: `${String(below(24)).padStart(2, "0")}:${String(below(60)).padStart(2, "0")}`,
          start_window_minutes: pick([0, 0, 60, 720]),
          retention_keep_last: pick([1, 3, 30]),
          ...(frequency === "weekly" ? { days_of_week: pick([[1], [3, 6], [1, 2, 3, 4, 5]]) } : {}),
        });
        schedules.push({ id, tenant_id: of.id });
      }
    }
    // A zone that this runtime does not know.
    const unknown = await oldSchedule(world.tenant, { name: "Elsewhere" });
    await world.admin.query("UPDATE backup_schedules SET timezone = 'Mars/Olympus' WHERE id = $1", [unknown]);
    schedules.push({ id: unknown, tenant_id: world.tenant.id });
    await world.admin.query(
      "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'operator')",
      [world.foreign.id, world.tenant.actors.readonly.user_id],
    );
  });
  afterAll(() => world.admin.query("UPDATE tenants SET archived_at = NULL"));

  /** Some of the sets that a condition is true of. */
  async function someSets(where: string, scheduleId: number): Promise<number[]> {
    const { rows } = await world.admin.query<{ id: number }>(
      `SELECT id FROM backup_sets WHERE backup_schedule_id = $1 AND ${where} ORDER BY id`,
      [scheduleId],
    );
    return rows.map(({ id }) => id).filter(() => below(3) === 0);
  }

  const deeds: Record<string, (of: { id: number; tenant_id: number }) => Promise<unknown>> = {
    "sets are made": ({ id, tenant_id }) =>
      insertSets(world.admin, {
        tenantId: tenant_id,
        scheduleId: id,
        sets: Array.from({ length: 1 + below(3) }, () => ({
          created_at: ago(below(240) + below(1_000) / 1_000),
          status: pick<"success" | "partial">(["success", "success", "partial"]),
        })),
      }),
    "a young one is made": ({ id, tenant_id }) =>
      insertSets(world.admin, {
        tenantId: tenant_id,
        scheduleId: id,
        sets: [{ created_at: ago(below(26)) }],
      }),
    "sets go to the bin": async ({ id }) =>
      world.admin.query("UPDATE backup_sets SET deleted_at = now() WHERE id = ANY ($1)", [
        await someSets("deleted_at IS NULL", id),
      ]),
    "the newest goes to the bin": ({ id }) =>
      world.admin.query(
        `UPDATE backup_sets SET deleted_at = now() WHERE id = (
           SELECT b.id FROM backup_sets b WHERE b.backup_schedule_id = $1 AND b.deleted_at IS NULL
           ORDER BY b.created_at DESC LIMIT 1)`,
        [id],
      ),
    "all go to the bin": ({ id }) =>
      world.admin.query("UPDATE backup_sets SET deleted_at = now() WHERE backup_schedule_id = $1", [id]),
    "sets come out of the bin": async ({ id }) =>
      world.admin.query("UPDATE backup_sets SET deleted_at = NULL WHERE id = ANY ($1)", [
        await someSets("deleted_at IS NOT NULL", id),
      ]),
    "the bin is purged": ({ tenant_id }) => purgeBin(retentionActor, tenant_id, { older_than_days: 0 }),
    "sets are lost": async ({ id }) =>
      behindTheGuards(world.admin, "DELETE FROM backup_sets WHERE id = ANY ($1)", [
        await someSets("true", id),
      ]),
    "sets get older": async ({ id }) =>
      behindTheGuards(
        world.admin,
        `UPDATE backup_sets SET created_at = created_at - interval '${1 + below(40)} hours' WHERE id = ANY ($1)`,
        [await someSets("true", id)],
      ),
    "sets turn out as partial, or not": async ({ id }) =>
      behindTheGuards(
        world.admin,
        `UPDATE backup_sets SET status = CASE status WHEN 'success' THEN 'partial' ELSE 'success' END::run_status
         WHERE id = ANY ($1)`,
        [await someSets("true", id)],
      ),
    "sets are pinned and verified": async ({ id }) =>
      world.admin.query("UPDATE backup_sets SET pinned_at = now(), verified_at = now() WHERE id = ANY ($1)", [
        await someSets("pinned_at IS NULL", id),
      ]),
    "retention is applied": ({ id, tenant_id }) =>
      applyRetention(retentionActor, tenant_id, { backup_schedule_id: id }),
    "a schedule is disabled, paused or enabled": ({ id }) => {
      const state = pick(["disabled", "paused", "enabled"]);
      return world.admin.query(
        "UPDATE backup_schedules SET is_enabled = $2, paused_reason = $3, next_run_at = NULL WHERE id = $1",
        [id, state === "enabled", state === "paused" ? "Paused" : null],
      );
    },
    "a schedule is deleted, or back": ({ id }) =>
      world.admin.query(
        `UPDATE backup_schedules SET next_run_at = NULL, deleted_at = CASE WHEN deleted_at IS NULL THEN now() END
         WHERE id = $1`,
        [id],
      ),
    "a tenant is archived, or back": ({ tenant_id }) =>
      world.admin.query(
        "UPDATE tenants SET archived_at = CASE WHEN archived_at IS NULL THEN now() END WHERE id = $1",
        [tenant_id],
      ),
  };

  /** What the sets themselves say, schedule by schedule. */
  async function factsFromSets(now: Date): Promise<Map<number, object>> {
    const { rows } = await world.admin.query<PromisedBackups & { tenant_id: number; name: string }>(
      `SELECT s.tenant_id, s.id, s.name, s.timezone, s.frequency::text AS frequency, s.time_of_day, s.days_of_week,
              s.start_window_minutes, s.created_at, ${newestOfSets} AS last_complete_at
       FROM backup_schedules s JOIN tenants t ON t.id = s.tenant_id
       WHERE t.archived_at IS NULL AND s.deleted_at IS NULL AND (s.is_enabled OR s.paused_reason IS NOT NULL)`,
    );
    const broken = rows
      .map((row) => ({ ...row, days_of_week: row.frequency === "weekly" ? row.days_of_week : null }))
      .filter((row) => isInBreach(row, now))
      .toSorted(
        (a, b) => (a.last_complete_at?.getTime() ?? 0) - (b.last_complete_at?.getTime() ?? 0) || a.id - b.id,
      );
    return new Map(
      [world.tenant.id, world.foreign.id].map((tenant) => {
        const own = broken.filter(({ tenant_id }) => tenant_id === tenant);
        const breaches = own.slice(0, 5).map((row) => ({
          id: row.id,
          name: row.name,
          last_complete_at: row.last_complete_at?.toISOString() ?? null,
          missed: missedOccurrences(row, now),
        }));
        return [tenant, { in_breach: own.length, breaches }];
      }),
    );
  }

  async function factsAsRead(now: Date): Promise<Map<number, object>> {
    const { rows: tenants } = await world.admin.query<{ id: number; is_archived: boolean }>(
      "SELECT id, archived_at IS NOT NULL AS is_archived FROM tenants WHERE id = ANY ($1) ORDER BY id",
      [[world.tenant.id, world.foreign.id]],
    );
    const facts = await transaction(
      { as: "portfolio", user_id: world.tenant.actors.readonly.user_id },
      (db) => readProtectionFacts(db, tenants, now),
      { readOnly: true },
    );
    return new Map(
      [...facts].map(
        ([
          tenant,
          {
            schedules: { in_breach },
            breaches,
          },
        ]) => [tenant, { in_breach, breaches }],
      ),
    );
  }

  test("breaches are what the sets say, and each schedule's newest complete set is the one that is kept", async () => {
    const names = Object.keys(deeds);
    const seen = new Set<string>();
    for (let step = 0; step < 150; step += 1) {
      const name = names[below(names.length)] ?? "";
      const of = schedules[below(schedules.length)];
      if (!of) throw new Error("there is no schedule");
      await deeds[name]?.(of);
      const now = new Date();
      const said = await factsFromSets(now);
      expect(await keptWrongly(), `step ${step}: ${name}`).toEqual([]);
      expect(await factsAsRead(now), `step ${step}: ${name}`).toEqual(said);
      seen.add(JSON.stringify([...said.values()].map((each) => "in_breach" in each && each.in_breach)));
    }
    // They were many, and not one answer all the time.
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe("the newest complete set of a schedule", () => {
  test("is kept by all that people and the service do with sets", async () => {
    const { id: tenantId, actors } = world.tenant;
    const { id } = await makeSchedule(actors.manager, tenantId, { retention_keep_last: 1 });
    const [first = 0, second = 0] = await insertSets(world.admin, {
      tenantId,
      scheduleId: id,
      sets: [{ created_at: ago(72) }, { created_at: ago(48) }, { created_at: ago(1), status: "partial" }],
    });
    expect(await keptOf(id)).toEqual(await madeAt(second));
    const newest = await makeSet(world.tenant, id);
    expect(await keptOf(id)).toEqual(await madeAt(newest));
    await applyRetention(retentionActor, tenantId, { backup_schedule_id: id });
    expect(await keptOf(id)).toEqual(await madeAt(newest));
    await deleteSchedule(actors.manager, tenantId, { schedule_id: id });
    await restoreSet(actors.manager, tenantId, { set_id: first });
    await removeSet(actors.manager, tenantId, { set_id: newest });
    expect(await keptOf(id)).toEqual(await madeAt(first));
    await restoreSet(actors.manager, tenantId, { set_id: second });
    expect(await keptOf(id)).toEqual(await madeAt(second));
  });

  test("is found among sets that are made, and removed, many at once", async () => {
    const ids = [await oldSchedule(world.tenant), await oldSchedule(world.tenant)];
    await world.admin.query(
      `WITH run AS (
         INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
         SELECT $1, schedule, now() - n * interval '1 day', 'schedule', 'success', now() - n * interval '1 day'
         FROM unnest($2::int[]) schedule, generate_series(1, 20) n
         RETURNING id, backup_schedule_id, finished_at)
       INSERT INTO backup_sets (tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                manifest, manifest_sha256, created_at)
       SELECT $1, backup_schedule_id, id, 'success', 0, 0, 0, '{"types": {}}', repeat('0', 64), finished_at FROM run`,
      [world.tenant.id, ids],
    );
    const bin = (hours: number) =>
      world.admin.query(
        `UPDATE backup_sets SET deleted_at = now()
         WHERE backup_schedule_id = ANY ($1) AND created_at > now() - make_interval(hours => $2)`,
        [ids, hours],
      );
    const daysAgo = (kept: Date | null) => kept && Math.round((Date.now() - kept.getTime()) / (24 * hour));
    const all = async () => Promise.all(ids.map(async (id) => daysAgo(await keptOf(id))));
    expect(await all()).toEqual([1, 1]);
    await bin(24 * 5 + 12);
    expect(await all()).toEqual([6, 6]);
    await bin(24 * 30);
    expect(await all()).toEqual([null, null]);
  });

  const bin = "UPDATE backup_sets SET deleted_at = now() WHERE id = $1";
  const somebodyWaits = async () => {
    const { rowCount } = await world.admin.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return rowCount === 1;
  };

  test.each(["the older first", "the newer first"])(
    "is what is left where two move sets to the bin at once, %s",
    async (order) => {
      const id = await oldSchedule(world.tenant);
      const [left, older, newest] = await insertSets(world.admin, {
        tenantId: world.tenant.id,
        scheduleId: id,
        sets: [{ created_at: ago(9) }, { created_at: ago(6) }, { created_at: ago(3) }],
      });
      const [first, second] = order === "the older first" ? [older, newest] : [newest, older];
      const one = await world.admin.connect();
      const two = await world.admin.connect();
      try {
        await one.query("BEGIN");
        await one.query(bin, [first]);
        await two.query("BEGIN");
        const waits = two.query(bin, [second]);
        await until("the second one waits for the first", somebodyWaits);
        await one.query("COMMIT");
        await waits;
        await two.query("COMMIT");
      } finally {
        await one.query("ROLLBACK");
        await two.query("ROLLBACK");
        one.release();
        two.release();
      }
      expect(await keptOf(id)).toEqual(await madeAt(left));
    },
  );

  test("is that of a run which ends while the one before goes to the bin", async () => {
    const id = await oldSchedule(world.tenant);
    const [before] = await insertSets(world.admin, {
      tenantId: world.tenant.id,
      scheduleId: id,
      sets: [{ created_at: ago(9) }],
    });
    const run = await world.admin.connect();
    const person = await world.admin.connect();
    try {
      await run.query("BEGIN");
      await run.query("SELECT FROM backup_schedules WHERE id = $1 FOR UPDATE", [id]);
      await run.query(
        `WITH run AS (
           INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
           VALUES ($1, $2, now(), 'schedule', 'success', now()) RETURNING id)
         INSERT INTO backup_sets (tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                  manifest, manifest_sha256, created_at)
         SELECT $1, $2, id, 'success', 0, 0, 0, '{"types": {}}', repeat('0', 64), $3::timestamptz FROM run`,
        [world.tenant.id, id, ago(1)],
      );
      await person.query("BEGIN");
      const waits = person.query(bin, [before]);
      await until("who bins the set waits for the end of the run", somebodyWaits);
      await run.query("COMMIT");
      await waits;
      await person.query("COMMIT");
    } finally {
      await run.query("ROLLBACK");
      await person.query("ROLLBACK");
      run.release();
      person.release();
    }
    expect(await keptWrongly()).toEqual([]);
    expect((await keptOf(id))?.getTime()).toBeGreaterThan(ago(2).getTime());
  });

  test("is kept without a lock on the schedule where an older one goes to the bin", async () => {
    const id = await oldSchedule(world.tenant);
    const [older] = await insertSets(world.admin, {
      tenantId: world.tenant.id,
      scheduleId: id,
      sets: [{ created_at: ago(9) }, { created_at: ago(3) }],
    });
    const dispatch = await world.admin.connect();
    try {
      await dispatch.query("BEGIN");
      await dispatch.query("SELECT FROM backup_schedules WHERE id = $1 FOR UPDATE", [id]);
      const retention = await world.admin.connect();
      try {
        await retention.query("BEGIN; SET LOCAL lock_timeout = '5s'");
        expect((await retention.query(bin, [older])).rowCount).toBe(1);
        await retention.query("COMMIT");
      } finally {
        await retention.query("ROLLBACK");
        retention.release();
      }
    } finally {
      await dispatch.query("ROLLBACK");
      dispatch.release();
    }
    expect(await keptWrongly()).toEqual([]);
  });
});
