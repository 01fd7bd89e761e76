import { expect, test } from "vitest";
import { beforeMigration } from "./before-migration.ts";

/** What restores kept beyond their end is erased by the migration, as the role that owns the tables. */
test("the migration later_step_alone erases what ended restores have kept, of every tenant", async () => {
  const migration = "20261130060000_later_step_alone";
  await beforeMigration(migration, async ({ owner, admin, migrate }) => {
    await admin.query(`
      INSERT INTO tenants (id, name) VALUES (1, 'One'), (2, 'Two');
      INSERT INTO restores (id, tenant_id, source_tenant_id, source_tenant_name, source_set_id, source_set_created_at, status,
                            created_by_name)
      SELECT n, CASE WHEN n = 4 THEN 2 ELSE 1 END, 1, 'One', 1, now(), status, 'Somebody'
      FROM unnest(ARRAY['done', 'stopped', 'discarded', 'done_with_problems']) WITH ORDINALITY AS s(status, n);
      INSERT INTO restore_items (tenant_id, restore_id, policy_type, graph_id, display_name, source_sha256, source_encoding,
                                 source_content, state, secrets_ciphertext, approval_ciphertext)
      SELECT tenant_id, id, 'x', state, 'X', repeat('0', 64), 'plain', '', state, '\\x01', '\\x02'
      FROM restores CROSS JOIN unnest(ARRAY['failed', 'waiting_for_approval']) AS state;`);
    await migrate();
    const { rows } = await admin.query(
      `SELECT r.status, i.state, secrets_ciphertext IS NOT NULL AS secrets, approval_ciphertext IS NOT NULL AS approval
       FROM restore_items i JOIN restores r ON r.id = i.restore_id
       WHERE secrets_ciphertext IS NOT NULL OR approval_ciphertext IS NOT NULL ORDER BY r.id, i.state`,
    );
    const waits = { state: "waiting_for_approval", approval: true };
    expect(rows).toEqual([
      { ...waits, status: "done", secrets: false },
      { status: "stopped", state: "failed", secrets: true, approval: false },
      { ...waits, status: "stopped", secrets: true },
      { ...waits, status: "discarded", secrets: false },
      { ...waits, status: "done_with_problems", secrets: false },
    ]);
    for (const table of ["restores", "restore_items"])
      expect((await owner.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
  });
});
