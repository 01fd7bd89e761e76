import { expect, test } from "vitest";
import { beforeMigration } from "./before-migration.ts";

/** As the role that owns the tables, from whom row-level security hides the rows. */
test("the migration readings_count_not takes back what restores' reading runs counted, and ends what nobody could", async () => {
  await beforeMigration("20261130070000_readings_count_not", async ({ owner, admin, migrate }) => {
    await admin.query(`
      INSERT INTO tenants (id, name) VALUES (1, 'One'), (2, 'Two');
      INSERT INTO backup_schedules (id, tenant_id, name, timezone, frequency, time_of_day, origin, is_enabled, deleted_at)
      VALUES (1, 1, 'Nightly', 'UTC', 'daily', '02:00:00', 'people', true, NULL),
             (2, 1, 'Before restores', 'UTC', 'daily', '02:00:00', 'restore', false, now()),
             (3, 2, 'Gone', 'UTC', 'daily', '02:00:00', 'people', false, now());
      INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at, summary)
      VALUES (1, 1, '2026-11-01T02:00:00Z', 'schedule', 'success', '2026-11-01T02:16:00Z', '{"changes": {"added": 1, "changed": 2, "removed": 0}}'),
             (1, 2, '2026-11-01T02:00:00Z', 'restore', 'success', '2026-11-01T02:17:00Z', '{"changes": {"added": 40, "changed": 0, "removed": 5}}'),
             (1, 2, '2026-11-01T02:00:00Z', 'restore', 'failed', '2026-11-01T02:18:00Z', '{}');
      INSERT INTO incidents (tenant_id, cause, kind, severity, title, body, schedule_id)
      VALUES (1, 'schedule:1:backup', 'run.failed', 'critical', '', '', 1),
             (1, 'schedule:2:backup', 'run.failed', 'critical', '', '', 2),
             (2, 'schedule:3:backup', 'run.failed', 'critical', '', '', 3),
             (2, 'connection', 'connection.refused', 'critical', '', '', 3);`);
    await migrate();
    await admin.query(`
      INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
      VALUES (1, 2, '2026-11-01T02:00:00Z', 'restore', 'success', '2026-11-01T02:19:00Z')`);
    const counts = await admin.query(`
      SELECT tenant_id, sum(success)::int AS success, sum(failed)::int AS failed, sum(added)::int AS added,
             sum(changed)::int AS changed, sum(removed)::int AS removed
      FROM run_counts GROUP BY tenant_id ORDER BY tenant_id`);
    expect(counts.rows).toEqual([{ tenant_id: 1, success: 1, failed: 0, added: 1, changed: 2, removed: 0 }]);
    const open = await admin.query("SELECT cause FROM incidents WHERE closed_at IS NULL ORDER BY cause");
    expect(open.rows.map(({ cause }) => cause)).toEqual(["connection", "schedule:1:backup"]);
    for (const table of ["backup_schedule_runs", "backup_schedules", "run_counts", "incidents"])
      expect((await owner.query(`SELECT FROM ${table}`)).rows).toEqual([]);
  });
});
