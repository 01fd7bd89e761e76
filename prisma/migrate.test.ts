import { execFile } from "node:child_process";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "#lib/testing/database";
import { deletionWaitIn, migrate as migrateNow } from "./migrate.ts";
import { readMigrations } from "./schema-engine.ts";

let scratch: TestDatabase;
let names: string[];

beforeEach(async () => {
  scratch = await testDatabase({ empty: true });
  names = (await readMigrations()).migrationDirectories.map((directory) => directory.path);
});

afterEach(() => scratch.drop());

/** The command, as people run it. */
async function migrate(
  url = scratch.ownerUrl,
  settings: Record<string, string> = {},
): Promise<{ code: number; said: string }> {
  const env = { ...process.env, DATABASE_URL: url, ...settings };
  const run = promisify(execFile)(process.execPath, ["prisma/migrate.ts"], { env });
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
  );
}

async function query<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: scratch.ownerUrl });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

const recorded = () =>
  query(`SELECT migration_name, finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS rolled_back
         FROM _prisma_migrations ORDER BY started_at`);

it("a server that is too old is told by one line, and nothing is asked of it", async () => {
  const { connect, end, query } = pg.Client.prototype;
  const asked: unknown[] = [];
  Object.assign(pg.Client.prototype, {
    connect: async () => {},
    end: async () => {},
    query: async (sql: unknown) => {
      asked.push(sql);
      return { rows: [{ version: "15.18 (Debian 15.18-0+deb12u1)", number: 150_018 }] };
    },
  });
  try {
    const said = await migrateNow("postgres://somebody@db.example/tenantpilot").catch(
      ({ message }) => message,
    );
    expect(said).toMatch(
      /^PostgreSQL at db\.example is version 15\.18 .*needs 16 or newer.*Nothing was changed[^\n]*$/,
    );
    expect(asked).toHaveLength(1);
  } finally {
    Object.assign(pg.Client.prototype, { connect, end, query });
  }
});

describe("npm run migrate", () => {
  it("applies all migrations to an empty database, once, and creates the queues", async () => {
    const first = await migrate();
    expect(first.code).toBe(0);
    for (const name of names) expect(first.said).toContain(`Applied the migration ${name}.`);
    const wait = () => query("SELECT tenant_deletion_wait_hours AS hours FROM installation");
    expect(await wait()).toEqual([{ hours: 24 }]);
    expect(await migrate(scratch.ownerUrl, { TENANT_DELETION_WAIT_HOURS: "72" })).toEqual({
      code: 0,
      said: "The database is up to date.\n",
    });
    expect(await wait()).toEqual([{ hours: 72 }]);
    for (const hours of ["0", "1.5", "8761", "a day"])
      expect(() => deletionWaitIn({ TENANT_DELETION_WAIT_HOURS: hours }), hours).toThrow(/from 1 to 8760/);
    expect(deletionWaitIn({})).toBe(24);
    expect(await recorded()).toEqual(
      names.map((migration_name) => ({ migration_name, finished: true, rolled_back: false })),
    );
    expect(await query("SELECT 1 AS there FROM pgboss.queue WHERE name = 'dispatch'")).toEqual([
      { there: 1 },
    ]);
  });

  it("may run several times at once", async () => {
    const outcomes = await Promise.all([migrate(), migrate(), migrate()]);
    expect(outcomes.map((outcome) => outcome.code)).toEqual([0, 0, 0]);
    expect(await recorded()).toHaveLength(names.length);
  });

  it("corrects when schedules run next, where a version before wrote it wrongly, and says how many", async () => {
    await migrate();
    const admin = new pg.Client({ connectionString: scratch.adminUrl });
    await admin.connect();
    try {
      // An hour late, as where the server's clock was in another zone.
      await admin.query(`
        WITH made AS (INSERT INTO tenants (name) VALUES ('Contoso') RETURNING id)
        INSERT INTO backup_schedules (tenant_id, name, timezone, frequency, time_of_day, days_of_week, policy_types, next_run_at)
        SELECT id, 'Nightly ' || n, 'UTC', 'daily', '02:00:00', '{}', '{deviceCompliancePolicy}',
               date_trunc('day', now(), 'UTC') + interval '1 day 3 hours' FROM made, generate_series(1, 2) n`);
      expect(await migrate()).toEqual({
        code: 0,
        said: "Corrected when 2 schedules run next.\nThe database is up to date.\n",
      });
      const { rows } = await admin.query(
        "SELECT DISTINCT to_char(next_run_at AT TIME ZONE 'UTC', 'HH24:MI') AS at, next_run_at > now() AS is_to_come FROM backup_schedules",
      );
      expect(rows).toEqual([{ at: "02:00", is_to_come: true }]);
    } finally {
      await admin.end();
    }
  });

  it("takes up a migration during which it was killed", async () => {
    await migrate();
    const last = names.at(-1) ?? "";
    // What a kill leaves: the row is written before the migration, and its end after it.
    await query(`DELETE FROM _prisma_migrations; DROP SCHEMA public CASCADE; CREATE SCHEMA public`);
    await query(`CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL,
      finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
      started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`);
    await query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', 'x', '${names[0]}')`,
    );
    const again = await migrate();
    expect(again.said).toContain(`The migration ${names[0]} did not end the last time; it is applied again.`);
    expect(again.code).toBe(0);
    expect(await recorded()).toContainEqual({ migration_name: last, finished: true, rolled_back: false });
  });

  it("says what is wrong in a sentence", async () => {
    const wrong = new URL(scratch.ownerUrl);
    wrong.password = "wrong";
    expect(await migrate(wrong.href)).toEqual({
      code: 1,
      said: `PostgreSQL at ${wrong.host} refuses the user tenantpilot: check user and password in DATABASE_URL.\n`,
    });
    const absent = new URL(scratch.ownerUrl);
    absent.pathname = "/absent";
    expect((await migrate(absent.href)).said).toContain("There is no database absent");
    const closed = new URL(scratch.ownerUrl);
    closed.port = "1";
    expect((await migrate(closed.href)).said).toContain(
      "Cannot connect to PostgreSQL at 127.0.0.1:1: is it running",
    );
  });
});
