import { expect, test } from "vitest";
import { beforeMigration } from "./before-migration.ts";

/** As the role that owns the tables, from whom row-level security hides the rows. */
test("the migration last_complete_sets notes the newest complete sets that are there, and then each that comes or goes", async () => {
  await beforeMigration("20261201100000_last_complete_sets", async ({ owner, admin, migrate }) => {
    await admin.query(`
      INSERT INTO tenants (id, name) VALUES (1, 'One'), (2, 'Two');
      INSERT INTO backup_schedules (id, tenant_id, name, timezone, frequency, time_of_day)
      SELECT n, CASE n WHEN 3 THEN 2 ELSE 1 END, 'Nightly', 'UTC', 'daily', '02:00:00' FROM generate_series(1, 4) n;
      CREATE FUNCTION make_set(set_id integer, schedule integer, nth integer, outcome run_status, binned boolean) RETURNS void
      LANGUAGE plpgsql AS $$
      DECLARE
        tenant integer := (SELECT tenant_id FROM backup_schedules WHERE id = schedule);
        moment timestamptz := '2026-11-01T02:00:00Z'::timestamptz + nth * interval '1 day';
      BEGIN
        INSERT INTO backup_schedule_runs (id, tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
        VALUES (set_id, tenant, schedule, moment, 'schedule', outcome, moment);
        INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                 manifest, manifest_sha256, created_at, deleted_at)
        VALUES (set_id, tenant, schedule, set_id, outcome, 0, 0, 0, '{"types": {}}', repeat('0', 64), moment,
                CASE WHEN binned THEN now() END);
      END $$;
      SELECT make_set(1, 1, 1, 'success', false), make_set(2, 1, 2, 'success', false), make_set(3, 1, 3, 'partial', false),
             make_set(4, 1, 4, 'success', true), make_set(5, 2, 5, 'partial', false), make_set(6, 3, 6, 'success', false)`);
    await migrate();
    const days = async () => {
      const { rows } = await admin.query<{ day: number | null }>(
        `SELECT extract(day FROM last_complete_at AT TIME ZONE 'UTC')::int - 1 AS day FROM backup_schedules ORDER BY id`,
      );
      return rows.map(({ day }) => day);
    };
    expect(await days()).toEqual([2, null, 6, null]);
    await admin.query("SELECT make_set(7, 2, 7, 'success', false), make_set(8, 4, 8, 'success', true)");
    expect(await days()).toEqual([2, 7, 6, null]);
    await admin.query("UPDATE backup_sets SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END");
    expect(await days()).toEqual([4, null, null, 8]);
    for (const table of ["backup_schedules", "backup_sets"])
      expect((await owner.query(`SELECT FROM ${table}`)).rows).toEqual([]);
  });
});
