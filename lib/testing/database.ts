/** A database of its own for one test file, on the PostgreSQL that the test run started. */
export interface TestDatabase {
  /** As a login that may do the work of web and of worker, and owns nothing: a test does both in one process. */
  url: string;
  /** As the login of web alone, for processes and tests that are web. */
  webUrl: string;
  /** As the login of worker alone. */
  workerUrl: string;
  /** As the owner of the tables, who migrates. */
  ownerUrl: string;
  /** As the superuser, who passes row-level security by: for looking behind the scenes only. */
  adminUrl: string;
  /** Cuts all connections and removes the database. What is not dropped ends with the test run. */
  drop(): Promise<void>;
}

/**
 * Creates a database with all migrations and queues applied, and nothing else in it (about 0.1 s: a copy of a
 * template). The first call of a test run also starts PostgreSQL and migrates, about 4 s. Sets nothing: a test that
 * drives code reading DATABASE_URL sets it itself.
 * @param options `empty: true` gives a database without any migration, `tenants: true` one with the tenants of
 *   lib/testing/tenants.ts in it
 * @throws Error with the reason when PostgreSQL or a migration did not start
 */
export async function testDatabase(
  options: { empty?: boolean; tenants?: boolean } = {},
): Promise<TestDatabase> {
  const server = process.env.TENANTPILOT_TEST_DATABASES;
  if (!server) throw new Error("There is no test run around this: use `npx vitest run`.");
  const { name, ...addresses } = await request(server, "POST", options);
  return {
    ...addresses,
    async drop() {
      await request(server, "DELETE", { name });
    },
  };
}

async function request(
  server: string,
  method: string,
  body: unknown,
): Promise<Omit<TestDatabase, "drop"> & { name: string }> {
  const response = await fetch(server, { method, body: JSON.stringify(body) });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return JSON.parse(answer);
}
