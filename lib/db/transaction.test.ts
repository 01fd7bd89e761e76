import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { withWorld } from "#lib/testing/world";
import { disconnect } from "./client.ts";
import { Prisma } from "./generated/client.ts";
import { isExpired, isUnreachable, type Tx, transaction } from "./transaction.ts";
import { type DatabaseTrouble, databaseTrouble } from "./trouble.ts";

const world = withWorld({ policies: 1 });

const binding = () => ({ as: "app" as const, tenant_id: world.tenant.id });

describe("a transaction that takes too long", () => {
  test("in one statement is ended by the server, and says so", async () => {
    const began = Date.now();
    const slow = transaction(binding(), (db) => db.$queryRaw`SELECT 1 AS one FROM pg_sleep(20)`, {
      readOnly: true,
      timeoutMs: 300,
    });
    await expect(slow).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test("over all its statements is rolled back, and says so", async () => {
    const slow = transaction(
      binding(),
      async (db) => {
        await db.tenant.updateMany({ data: { name: "Changed too late" } });
        await delay(500);
        return db.tenant.findFirst();
      },
      { timeoutMs: 300 },
    );
    const error = await slow.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "TIMEOUT" });
    expect(isUnreachable(error)).toBe(false);
    expect(isExpired(error)).toBe(true);
    const { rows } = await world.admin.query("SELECT FROM tenants WHERE name = 'Changed too late'");
    expect(rows).toEqual([]);
  });
});

describe("trouble of the database that passes", () => {
  test("a lock that does not come is given up before the transaction's time, and said", async () => {
    const holder = await world.admin.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM tenants WHERE id = $1 FOR UPDATE", [world.tenant.id]);
      const error = await transaction(binding(), (db) => db.tenant.updateMany({ data: { name: "Never" } }), {
        timeoutMs: 600,
      }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("Others are") });
      expect(databaseTrouble(error)).toBe("contended");
    } finally {
      await holder.query("ROLLBACK");
      holder.release();
    }
  });

  test("two that wait for each other are no fault of either", async () => {
    const rename = (name: string) => (db: Tx) => db.tenant.updateMany({ data: { name } });
    const touch = (db: Tx) => db.connection.updateMany({ data: { tested_at: new Date() } });
    const both = Promise.withResolvers<void>();
    let begun = 0;
    const inOrder = (first: (db: Tx) => Promise<unknown>, second: (db: Tx) => Promise<unknown>) =>
      transaction(binding(), async (db) => {
        await first(db);
        begun += 1;
        if (begun === 2) both.resolve();
        await both.promise;
        return second(db);
      });
    const results = await Promise.allSettled([inOrder(rename("One"), touch), inOrder(touch, rename("Two"))]);
    const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ code: "UNAVAILABLE" });
    expect(databaseTrouble(refused[0])).toBe("contended");
  });

  test("a database that was made read-only answers reads, and refuses changes as what passes", async () => {
    const name = new URL(world.database.url).pathname.slice(1);
    await world.admin.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    try {
      await disconnect();
      const read = transaction(binding(), (db) => db.tenant.findFirst(), { readOnly: true });
      await expect(read).resolves.toMatchObject({ id: world.tenant.id });
      const error = await transaction(binding(), (db) =>
        db.tenant.updateMany({ data: { name: "No" } }),
      ).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("no changes") });
      expect(databaseTrouble(error)).toBe("read-only");
    } finally {
      // Its own sessions are as read-only as all others.
      await world.admin.query(
        `BEGIN READ WRITE; ALTER DATABASE "${name}" RESET default_transaction_read_only; COMMIT`,
      );
      await disconnect();
    }
  });

  test("the server ends a transaction whose process stands still, and a lock in half of its time", async () => {
    const settings = await transaction(
      binding(),
      (db) =>
        db.$queryRaw`SELECT current_setting('idle_in_transaction_session_timeout') AS idle,
          current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement`,
      { timeoutMs: 2_000 },
    );
    expect(settings).toEqual([{ idle: "7s", lock: "1s", statement: "2s" }]);
  });
});

/** As the client passes on what the server said. */
const serverSaid = (code: string) =>
  new Prisma.PrismaClientKnownRequestError(`Raw query failed. Code: \`${code}\`. Message: \`…\``, {
    code: "P2010",
    clientVersion: "7",
    meta: { driverAdapterError: { cause: { originalCode: code, kind: "postgres" } } },
  });

test.each<[string, DatabaseTrouble | null]>([
  ["08006", "away"],
  ["53100", "away"],
  ["53200", "away"],
  ["53300", "away"],
  ["57P01", "away"],
  ["57P03", "away"],
  ["25P03", "away"],
  ["25006", "read-only"],
  ["25001", "read-only"],
  ["08P01", "away"],
  ["55P03", "contended"],
  ["40P01", "contended"],
  ["40001", "contended"],
  ["57014", "slow"],
  ["23505", null],
  ["42501", null],
  ["22P02", null],
])("the server's %s is %s", (code, trouble) => {
  expect(databaseTrouble(serverSaid(code))).toBe(trouble);
  expect(databaseTrouble(Object.assign(new Error("said by the driver"), { code }))).toBe(trouble);
  // PgBouncer's words for a server that died, as they come out of a transaction that begins.
  const beneath = { originalCode: code, originalMessage: "server conn crashed?", kind: "postgres", code };
  expect(databaseTrouble(new Error("server conn crashed?", { cause: beneath }))).toBe(trouble);
});

test.each([
  ["Client has encountered a connection error and is not queryable"],
  ["Server has closed the connection."],
  ["server closed the connection unexpectedly"],
  ["sorry, too many clients already"],
  ["the database system is starting up"],
  ["could not extend file: No space left on device"],
  ["SocketTimeout"],
])("a database that says `%s` is away", (message) => {
  expect(isUnreachable(new Error(message))).toBe(true);
});

test.each([
  ["Unique constraint failed"],
  ["the policy has 53000 bytes"],
  ["Key (name)=(53100) already exists"],
  ["Key (name)=(40001 and 25006) already exists"],
])("`%s` is no such thing", (message) => {
  expect(databaseTrouble(new Error(message))).toBeNull();
});

test("instants are right on a server whose time zone is another than UTC", async () => {
  await world.admin.query(
    `ALTER DATABASE "${new URL(world.database.url).pathname.slice(1)}" SET timezone = 'America/New_York'`,
  );
  await disconnect();
  const instant = new Date("2026-07-01T12:34:56.789Z");
  const read = await transaction(binding(), async (db) => {
    await db.connection.updateMany({ data: { tested_at: instant } });
    const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
    const connection = await db.connection.findFirstOrThrow();
    return { tested_at: connection.tested_at, now: row?.now.getTime() ?? 0 };
  });
  expect(read.tested_at).toEqual(instant);
  expect(Math.abs(read.now - Date.now())).toBeLessThan(60_000);
  const { rows } = await world.admin.query(
    "SELECT extract(epoch FROM tested_at) * 1000 AS at FROM connections WHERE tenant_id = $1",
    [world.tenant.id],
  );
  expect(Number(rows[0].at)).toBe(instant.getTime());
});
