import { expect, test } from "vitest";
import { beforeMigration } from "./before-migration.ts";

const stamp = "20261129113000_token_lifetimes";

/** Tokens from before the migration get an end, and those that a token made get a maker, as the role that owns the tables. */
test("the migration token_lifetimes gives every token an end, and a token's tokens its maker", async () => {
  await beforeMigration(stamp, async ({ owner, admin, migrate }) => {
    await admin.query(`
      INSERT INTO tenants (id, name) VALUES (1, 'One'), (2, 'Two');
      INSERT INTO api_tokens (id, tenant_id, name, role, token_hash, created_by, expires_at)
      VALUES (1, 1, 'a person made', 'owner', repeat('1', 64), 7, NULL),
             (2, 1, 'that one made', 'owner', repeat('2', 64), NULL, '9999-12-31T00:00:00Z'),
             (3, 1, 'that one made again', 'owner', repeat('3', 64), NULL, now() + interval '1 day'),
             (4, 1, 'from the command line', 'owner', repeat('4', 64), NULL, '2020-01-01T00:00:00Z'),
             (5, 2, 'of another tenant', 'owner', repeat('5', 64), NULL, NULL);
      INSERT INTO audit_log (tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id)
      VALUES (1, 'user', 7, 'Ada', 'token.created', 'token', 1), (1, 'token', 2, 'x', 'token.created', 'token', 3),
             (1, 'token', 1, 'x', 'token.created', 'token', 2), (2, 'token', 1, 'x', 'token.created', 'token', 5);`);
    await migrate();
    const { rows } = await admin.query(`
      SELECT id, created_by, round(extract(epoch FROM expires_at - now()) / 86400)::int AS days
      FROM api_tokens WHERE id <> 4 ORDER BY id`);
    expect(rows).toEqual([
      { id: 1, created_by: 7, days: 365 },
      { id: 2, created_by: 7, days: 365 },
      { id: 3, created_by: 7, days: 1 },
      { id: 5, created_by: null, days: 365 },
    ]);
    const fourth = await admin.query("SELECT created_by, expires_at FROM api_tokens WHERE id = 4");
    expect(fourth.rows).toEqual([{ created_by: null, expires_at: new Date("2020-01-01T00:00:00Z") }]);
    for (const table of ["api_tokens", "audit_log"])
      expect((await owner.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
  });
});
