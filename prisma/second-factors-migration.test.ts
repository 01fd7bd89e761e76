import { expect, test } from "vitest";
import { beforeMigration } from "./before-migration.ts";

const stamp = "20261129143050_second_factors";

/** As the role that owns the tables, from whom row-level security hides the rows. */
test("the migration second_factors knows who came by Microsoft and has no password", async () => {
  await beforeMigration(stamp, async ({ owner, admin, migrate }) => {
    // In one transaction, as an invitation makes account and identity; then a link, and a reset.
    await admin.query(`
      BEGIN;
      INSERT INTO users (id, email, name, password_hash) VALUES
        (1, 'came@by.example', 'Came', 'x'), (2, 'linked@later.example', 'Linked', 'x'), (3, 'reset@since.example', 'Reset', 'x');
      INSERT INTO external_identities (user_id, issuer, subject)
      SELECT id, 'https://login.example', id::text FROM users WHERE id <> 2;
      COMMIT;
      INSERT INTO external_identities (user_id, issuer, subject, created_at)
      VALUES (2, 'https://login.example', '2', now() + interval '1 minute');
      UPDATE users SET password_set_at = now() + interval '1 minute' WHERE id = 3;
      INSERT INTO sessions (user_id, secret_hash, ends_at)
      SELECT id, repeat(id::text, 64), now() + interval '1 hour' FROM users;`);
    await migrate();
    const { rows } = await admin.query(
      "SELECT u.id, u.has_password, s.proof FROM users u JOIN sessions s ON s.user_id = u.id ORDER BY u.id",
    );
    expect(rows).toEqual([
      { id: 1, has_password: false, proof: "entra" },
      { id: 2, has_password: true, proof: "password" },
      { id: 3, has_password: true, proof: "password" },
    ]);
    for (const table of ["users", "external_identities", "sessions"])
      expect((await owner.query(`SELECT FROM ${table}`)).rows).toEqual([]);
  });
});
