import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signIn } from "#lib/access/sign-in";
import { disconnect } from "#lib/db/client";
import { type TestDatabase, testDatabase } from "#lib/testing/database";
import { isEmpty, newSetupCode, setUp } from "./setup.ts";

/** As after the migrations: nobody has an account. */
let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  process.env.DATABASE_URL = database.url;
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await disconnect();
  await admin.end();
  await database.drop();
});

const password = "a sentence of their own";
const first = { tenant: "Contoso", name: "Ada", email: "Ada@contoso.example", password };
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "DONE",
    (error) => error.code,
  );

test("the first account needs a code of any web process, and is made once", async () => {
  expect(await isEmpty()).toBe(true);
  const [one = "", other = "", late = ""] = await Promise.all(
    [1, 2, 3].map(async () => (await newSetupCode()) ?? ""),
  );
  const { rows: stored } = await admin.query("SELECT s::text AS stored FROM setup_codes s");
  expect(stored).toHaveLength(3);
  expect(JSON.stringify(stored)).not.toContain(one);
  await admin.query(
    "UPDATE setup_codes SET expires_at = date_trunc('milliseconds', now()) WHERE code_hash = encode(sha256($1), 'hex')",
    [Buffer.from(late)],
  );
  for (const code of ["", "aaaa-bbbb-cccc-dddd", late])
    await expect(setUp({ ...first, code })).rejects.toMatchObject({ errors: [{ path: "code" }] });
  await expect(setUp({ ...first, code: one, password: "football1234" })).rejects.toMatchObject({
    errors: [{ path: "password" }],
  });

  const made = await Promise.all(
    [one.toUpperCase(), other].map((code, index) =>
      codeOf(setUp({ ...first, code, email: `${index}.ada@contoso.example` })),
    ),
  );
  expect(made.sort()).toEqual(["DONE", "NOT_FOUND"]);
  const { rows } = await admin.query(`
    SELECT u.email, u.is_platform_admin, m.role, t.name AS tenant
    FROM users u JOIN memberships m ON m.user_id = u.id JOIN tenants t ON t.id = m.tenant_id`);
  expect(rows).toEqual([
    { email: expect.stringContaining("ada@"), is_platform_admin: true, role: "owner", tenant: "Contoso" },
  ]);
  expect(await signIn({ email: rows[0].email, password })).toMatchObject({ name: "Ada" });
  const { rows: log } = await admin.query(
    "SELECT tenant_id, actor_kind, actor_name, action FROM audit_log ORDER BY id",
  );
  const by = { actor_kind: "user", actor_name: "Ada" };
  expect(log).toEqual([
    { tenant_id: 1, ...by, action: "tenant.created" },
    { tenant_id: null, ...by, action: "user.created" },
    { tenant_id: null, ...by, action: "tenant.created" },
  ]);
});

test("from then on there is no code, and none works", async () => {
  expect(await isEmpty()).toBe(false);
  expect(await newSetupCode()).toBeNull();
  expect(await codeOf(setUp({ ...first, code: "aaaa-bbbb-cccc-dddd" }))).toBe("NOT_FOUND");
  expect((await admin.query("SELECT FROM setup_codes")).rowCount).toBe(0);
});
