import { expect, test } from "vitest";
import { beforeMigration } from "./before-migration.ts";

/** Sets that were made before the migration "retention_rules" are sealed by it, as the role that owns the tables. */
test("the migration retention_rules seals what is there already, and the guards stand again after it", async () => {
  await beforeMigration("20261123000200_retention_rules", async ({ owner, admin, migrate }) => {
    await admin.query(`
      INSERT INTO tenants (id, name) VALUES (1, 'Before');
      INSERT INTO backup_schedules (id, tenant_id, name, timezone, frequency, time_of_day)
        VALUES (1, 1, 'Nightly', 'UTC', 'daily', '02:00:00');
      INSERT INTO backup_schedule_runs (id, tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
        VALUES (1, 1, 1, now(), 'manual', 'success', now());
      INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                               manifest, manifest_sha256) VALUES (1, 1, 1, 1, 'success', 2, 2, 2, '{}', repeat('0', 64));
      INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
        VALUES (1, repeat('a', 64), 'zstd', '', 0, 0), (1, repeat('b', 64), 'zstd', '', 0, 0);
      INSERT INTO backup_items (tenant_id, backup_set_id, kind, policy_type, graph_id, display_name, sha256)
        VALUES (1, 1, 'policy', 'deviceConfiguration', 'x', 'X', repeat('a', 64)),
               (1, 1, 'policy', 'deviceConfiguration', 'y', 'Y', repeat('b', 64));`);
    await migrate();
    const { rows } = await admin.query(`
      SELECT b.seal = backup_set_seal(b) AS set_sealed, b.item_parity,
             (SELECT bool_and(i.seal = backup_item_seal(i)) FROM backup_items i) AS items_sealed
      FROM backup_sets b`);
    expect(rows).toEqual([
      { set_sealed: true, items_sealed: true, item_parity: { deviceConfiguration: "1".repeat(16) } },
    ]);
    for (const table of ["backup_items", "backup_sets"]) {
      await expect(admin.query(`UPDATE ${table} SET seal = ''`)).rejects.toMatchObject({ code: "23001" });
      expect((await owner.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
    }
  });
});
