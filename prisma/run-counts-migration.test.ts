import { expect, test } from "vitest";
import { beforeMigration } from "./before-migration.ts";

/** Runs that ended before the migration "run_counts" are counted by it, as the role that owns the tables. */
test("the migration run_counts counts what has ended, and the guards stand again after it", async () => {
  await beforeMigration("20261124001000_run_counts", async ({ owner, admin, migrate }) => {
    await admin.query(`
      INSERT INTO tenants (id, name) VALUES (1, 'One'), (2, 'Two');
      INSERT INTO backup_schedules (id, tenant_id, name, timezone, frequency, time_of_day)
        VALUES (1, 1, 'Nightly', 'UTC', 'daily', '02:00:00'), (2, 2, 'Nightly', 'UTC', 'daily', '02:00:00');
      INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at, summary)
      VALUES (1, 1, '2026-11-01T02:00:00Z', 'schedule', 'success', '2026-11-01T02:15:00Z',
              '{"changes": {"added": 1, "changed": 2, "removed": 3, "unchanged": 4}}'),
             (1, 1, '2026-11-02T02:00:00Z', 'schedule', 'failed', '2026-11-01T02:29:59.999Z', '{}'),
             (1, 1, '2026-11-03T02:00:00Z', 'schedule', 'skipped', '2026-11-01T02:30:00Z', '{}'),
             (1, 1, '2026-11-04T02:00:00Z', 'schedule', 'running', NULL, '{}'),
             (2, 2, '2026-11-01T02:00:00Z', 'schedule', 'success', '2026-11-01T02:15:00Z', '{}');`);
    await migrate();
    const { rows } = await admin.query(
      `SELECT tenant_id, quarter, success, failed, skipped, added::int, changed::int, removed::int
       FROM run_counts ORDER BY tenant_id, quarter`,
    );
    const nothing = { success: 0, failed: 0, skipped: 0, added: 0, changed: 0, removed: 0 };
    const [quarter, next] = [new Date("2026-11-01T02:15:00Z"), new Date("2026-11-01T02:30:00Z")];
    expect(rows).toEqual([
      { tenant_id: 1, quarter, success: 1, failed: 1, skipped: 0, added: 1, changed: 2, removed: 3 },
      { ...nothing, tenant_id: 1, quarter: next, skipped: 1 },
      { ...nothing, tenant_id: 2, quarter, success: 1 },
    ]);
    for (const table of ["backup_schedule_runs", "run_counts"]) {
      expect((await owner.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
    }
  });
});
