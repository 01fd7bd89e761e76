import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { withWorld } from "#lib/testing/world";
import { disconnect } from "./client.ts";
import { isExpired, isUnreachable, transaction } from "./transaction.ts";

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

  test("while it waits for a lock is ended as well", async () => {
    const holder = await world.admin.connect();
    try {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM tenants WHERE id = $1 FOR UPDATE", [world.tenant.id]);
      const waiting = transaction(binding(), (db) => db.tenant.updateMany({ data: { name: "Never" } }), {
        timeoutMs: 300,
      });
      await expect(waiting).rejects.toMatchObject({ code: "TIMEOUT" });
    } finally {
      await holder.query("ROLLBACK");
      holder.release();
    }
  });
});

test.each([
  ["Client has encountered a connection error and is not queryable"],
  ["Server has closed the connection."],
  ["server closed the connection unexpectedly"],
  ["sorry, too many clients already"],
  ["the database system is starting up"],
  ["could not extend file: No space left on device (53100)"],
])("a database that says `%s` is away", (message) => {
  expect(isUnreachable(new Error(message))).toBe(true);
});

test.each([["Unique constraint failed"], ["the policy has 53000 bytes"]])(
  "`%s` is no such thing",
  (message) => {
    expect(isUnreachable(new Error(message))).toBe(false);
  },
);

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
