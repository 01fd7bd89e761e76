import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { listAuditLog } from "#lib/audit/list";
import { takeRole, transaction } from "#lib/db/transaction";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { purgeOldRuns } from "./purge-runs.ts";

const world = withWorld({ policies: 1 });

afterEach(() => vi.unstubAllEnvs());

/** A run of a history that is made up: `repeats` is the place of an earlier one, if there is one. */
interface Made {
  schedule: number;
  age: number;
  status: "success" | "partial" | "failed" | "canceled" | "skipped";
  repeats: number | null;
  set: "kept" | "in the bin" | null;
}

const history = fc.array(
  fc.record<Made>({
    schedule: fc.nat(2),
    // In days, and none of them at the limit itself.
    age: fc.nat(1_000).map((day) => day + 0.5),
    status: fc.constantFrom("success", "partial", "failed", "canceled", "skipped"),
    repeats: fc.option(fc.nat(40)),
    set: fc.option(fc.constantFrom("kept", "in the bin"), { freq: 4 }),
  }),
  { minLength: 5, maxLength: 40 },
);

/** What has to be left, found by going through the rules until nothing goes any more. */
function survivors(runs: readonly Made[], days: number): Set<number> {
  const left = new Set(runs.keys());
  const last = new Set(
    [0, 1, 2].map((schedule) => {
      const own = [...runs.entries()].filter(([, run]) => run.schedule === schedule);
      return own.reduce((a, b) => (b[1].age <= a[1].age ? b : a), own[0] ?? [-1, runs[0] as Made])[0];
    }),
  );
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const at of [...left]) {
      const run = runs[at];
      const repeated = [...left].some((other) => other > at && runs[other]?.repeats === at);
      if (run && run.age > days && run.set === null && !last.has(at) && !repeated) left.delete(at);
    }
  }
  return left;
}

const counts = async () => {
  const { rows } = await world.admin.query(
    `SELECT tenant_id, sum(success)::int, sum(partial)::int, sum(failed)::int, sum(canceled)::int, sum(skipped)::int
     FROM run_counts GROUP BY 1 ORDER BY 1`,
  );
  return rows;
};

test("of any history exactly what nothing is left of goes, and what was counted stays counted", async () => {
  const { id: tenant, actors } = world.tenant;
  const schedules = [0, 1, 2].map(async () => (await makeSchedule(actors.manager, tenant)).id);
  const ids = await Promise.all(schedules);
  // One more of another tenant, and one that goes on: nobody's business.
  const foreign = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
  await makeSet(world.foreign, foreign.id);
  await fc.assert(
    fc.asyncProperty(history, fc.integer({ min: 30, max: 800 }), async (runs, days) => {
      await behindTheGuards(world.admin, `DELETE FROM backup_sets WHERE tenant_id = $1`, [tenant]);
      await behindTheGuards(world.admin, `DELETE FROM backup_schedule_runs WHERE tenant_id = $1`, [tenant]);
      const made: number[] = [];
      for (const { schedule, age, status, repeats } of runs) {
        const { rows } = await world.admin.query(
          `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at,
                                             finished_at, retry_of_run_id)
           SELECT $1, $2, at, $5::run_trigger, $4::run_status, at, at, $6 FROM (SELECT now() - $3 * interval '1 day' AS at) aged
           RETURNING id`,
          [
            tenant,
            ids[schedule],
            age,
            status,
            repeats === null || made[repeats] === undefined ? "manual" : "retry",
            repeats === null ? null : (made[repeats] ?? null),
          ],
        );
        made.push(rows[0].id);
      }
      const withSets = runs.flatMap(({ set }, at) =>
        set ? [{ run: made[at], bin: set === "in the bin" }] : [],
      );
      await behindTheGuards(
        world.admin,
        `INSERT INTO backup_sets (tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                  manifest, manifest_sha256, seal, deleted_at)
         SELECT $1, r.backup_schedule_id, r.id, 'success', 0, 0, 0, '{}', repeat('0', 64), '', CASE WHEN w.bin THEN now() END
         FROM jsonb_to_recordset($2) AS w(run int, bin boolean) JOIN backup_schedule_runs r ON r.id = w.run`,
        [tenant, JSON.stringify(withSets)],
      );
      const before = await counts();
      vi.stubEnv("RUN_RETENTION_DAYS", String(days));
      // What comes before it in the list counts for `repeats`; a later one would not be there yet.
      const told = runs.map((run, at) => ({
        ...run,
        repeats: run.repeats !== null && run.repeats < at ? run.repeats : null,
      }));
      const expected = survivors(told, days);
      expect(await purgeOldRuns()).toBe(runs.length - expected.size);
      const { rows: left } = await world.admin.query(
        "SELECT id FROM backup_schedule_runs WHERE tenant_id = $1 ORDER BY id",
        [tenant],
      );
      expect(left.map(({ id }) => made.indexOf(id))).toEqual([...expected].toSorted((a, b) => a - b));
      expect(await purgeOldRuns()).toBe(0);
      expect(await counts()).toEqual(before);
    }),
    { numRuns: 12 },
  );
  const { items } = await listAuditLog(actors.owner, tenant, { action: "runs.purged" });
  expect(items[0]).toMatchObject({ actor_kind: "system", actor_name: "retention", target_id: null });
  const { rows } = await world.admin.query(
    "SELECT count(*)::int AS runs FROM backup_schedule_runs WHERE tenant_id = $1",
    [world.foreign.id],
  );
  expect(rows).toEqual([{ runs: 1 }]);
});

test("0 keeps the history for ever, and fewer than 30 days is no setting", async () => {
  vi.stubEnv("RUN_RETENTION_DAYS", "0");
  expect(await purgeOldRuns()).toBe(0);
  vi.stubEnv("RUN_RETENTION_DAYS", "29");
  await expect(purgeOldRuns()).rejects.toThrow("RUN_RETENTION_DAYS");
});

test("the database refuses its role what is young or has its set, and everybody else every run", async () => {
  const { id: tenant, actors } = world.tenant;
  const { id } = await makeSchedule(actors.manager, tenant);
  await makeSet(world.tenant, id);
  const remove = (role: "app" | "retention") =>
    transaction({ as: "app", tenant_id: tenant }, async (db) => {
      await takeRole(db, role);
      await db.$executeRaw`DELETE FROM backup_schedule_runs WHERE backup_schedule_id = ${id}`;
    });
  await expect(remove("retention")).rejects.toThrow("is kept");
  await behindTheGuards(
    world.admin,
    "UPDATE backup_schedule_runs SET finished_at = now() - interval '99 days' WHERE backup_schedule_id = $1",
    [id],
  );
  await expect(remove("retention")).rejects.toThrow("is kept");
  await expect(remove("app")).rejects.toThrow("permission denied");
});
