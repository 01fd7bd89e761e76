import { randomBytes } from "node:crypto";
import pg from "pg";
import { hashPassword } from "#lib/access/passwords";
import type { Role } from "#lib/access/permissions";
import { demo } from "./demo.ts";
import type { Credentials } from "./session.ts";

/** Makes a platform administrator, who is a member of no tenant: the demo has none. */
export async function makeAdministrator(): Promise<Credentials> {
  const email = `administrator.${randomBytes(4).toString("hex")}@platform.example`;
  const password = randomBytes(12).toString("base64url");
  await onDatabase(
    "INSERT INTO users (email, name, password_hash, is_platform_admin) VALUES ($1, 'Ada Administrator', $2, true)",
    [email, await hashPassword(password)],
  );
  return { email, password };
}

/** Makes somebody whom no other test knows: a member of one tenant, called Paula Person. */
export async function makeMember(role: Role, tenantId: number): Promise<Credentials> {
  const email = `paula.${randomBytes(4).toString("hex")}@contoso.example`;
  const password = randomBytes(12).toString("base64url");
  await onDatabase(
    `WITH made AS (
       INSERT INTO users (email, name, password_hash) VALUES ($1, 'Paula Person', $2) RETURNING id
     )
     INSERT INTO memberships (tenant_id, user_id, role) SELECT $3, id, $4::role FROM made`,
    [email, await hashPassword(password), tenantId, role],
  );
  return { email, password };
}

/**
 * Runs a statement on the demo's database as its superuser, for what no person can bring about.
 * @returns its rows; of several statements, none
 */
export async function onDatabase<Row extends pg.QueryResultRow>(
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: demo().database_url });
  await client.connect();
  try {
    // Several statements have several results.
    const result: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(sql, [...values]);
    return Array.isArray(result) ? [] : result.rows;
  } finally {
    await client.end();
  }
}
