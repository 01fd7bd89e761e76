import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { database } from "#lib/db/client";
import type { Prisma } from "#lib/db/generated/client";
import { transaction } from "#lib/db/transaction";
import { log } from "#lib/log";
import { withRequest } from "#lib/request-context";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { cutAuditLog, cutOldAuditEntries } from "./cut.ts";
import { exportAuditLog } from "./export.ts";
import { listAuditLog } from "./list.ts";
import { sayAnchors } from "./say-anchors.ts";
import { type ReadRows, verifyChain } from "./verify.ts";

const world = withWorld({ policies: 1 });
let client: pg.PoolClient;
let read: ReadRows;

beforeAll(async () => {
  client = await world.admin.connect();
  read = async <T>(query: Prisma.Sql) => (await client.query(query.text, query.values)).rows as T[];
});
afterAll(() => client?.release());

const verified = (tenant: { id: number }) => verifyChain(read, tenant.id);

describe("an entry's place", () => {
  test("is given at the commit: writers of several tenants in any order neither wait for each other nor break a chain", async () => {
    const write = (tenants: readonly number[], round: number) =>
      transaction({ as: "dispatcher" }, async (db) => {
        for (const id of tenants) {
          await db.$executeRaw`
            INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, details)
            SELECT ${id}::int, 'system', 'dispatcher', 'run.dispatched', jsonb_build_object('round', ${round}::int, 'n', n)
            FROM generate_series(1, 2) n`;
          // As long as the other one needs to take the other tenant first.
          await db.$executeRaw`SELECT pg_sleep(0.01)`;
        }
        if (round % 5 === 4) throw new Error("taken back");
      });
    const both = [world.tenant.id, world.foreign.id];
    const before = await Promise.all([world.tenant, world.foreign].map(verified));
    const written = await Promise.allSettled(
      Array.from({ length: 20 }, (_, round) => write(round % 2 === 0 ? both : both.toReversed(), round)),
    );
    expect(written.map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(4);
    for (const [index, tenant] of [world.tenant, world.foreign].entries()) {
      const after = await verified(tenant);
      expect(after.fault).toBeNull();
      expect(after.entries - (before[index]?.entries ?? 0)).toBe(16 * 2);
    }
  });

  test("is shown with its hash, the client's address and the request, whichever statement wrote it", async () => {
    const { id, actors } = world.tenant;
    const schedule = await withRequest({ request_id: "one-request", address: "2001:db8::7" }, () =>
      makeSchedule(actors.manager, id),
    );
    const { items } = await listAuditLog(actors.readonly, id, { search: `schedule ${schedule.id}` });
    const { rows } = await world.admin.query(
      "SELECT encode(hash, 'hex') AS hash, sequence::int FROM audit_chain WHERE entry_id = $1",
      [items[0]?.id],
    );
    expect(items).toMatchObject([{ address: "2001:db8::7", request_id: "one-request", ...rows[0] }]);
    await makeSchedule(actors.manager, id);
    const [later] = (await listAuditLog(actors.readonly, id, {})).items;
    expect(later).toMatchObject({ address: null, request_id: null });
  });
});

describe("who may do what with a chain", () => {
  const refusals: [string, string, string][] = [
    ["web and worker", "tenantpilot_app", "UPDATE audit_chains SET head_sequence = 0"],
    [
      "web and worker",
      "tenantpilot_app",
      "INSERT INTO audit_chain SELECT chain, 99, 99, hash, hash FROM audit_chain",
    ],
    ["web and worker", "tenantpilot_app", "SELECT cut_audit_log(now() - interval '90 days', 10)"],
    ["sign-in", "tenantpilot_identity", "DELETE FROM audit_chain"],
    ["dispatch", "tenantpilot_dispatcher", "UPDATE audit_chains SET head_hash = cut_hash"],
    ["retention", "tenantpilot_retention", "DELETE FROM audit_log"],
    ["retention", "tenantpilot_retention", "SELECT cut_audit_log(now() - interval '29 days', 10)"],
    ["an auditor", "tenantpilot_auditor", "DELETE FROM audit_log"],
    ["the login that migrates", "tenantpilot_chain", "DELETE FROM audit_log"],
  ];
  test.each(refusals)("%s may not, as %s: %s", async (_who, role, sql) => {
    const attempt = database().$transaction(async (tx) => {
      await tx.$executeRawUnsafe(`SET LOCAL ROLE ${role}`);
      await tx.$executeRaw`SELECT set_config('app.tenant_id', ${String(world.tenant.id)}, true)`;
      await tx.$executeRawUnsafe(sql);
    });
    await expect(attempt).rejects.toThrow(/42501|23001|permission denied|is kept for/);
  });

  test.each([
    "UPDATE audit_chain SET sequence = sequence + 1000",
    "DELETE FROM audit_chain",
    "DELETE FROM audit_chains",
    "TRUNCATE audit_chain",
    "TRUNCATE audit_chains",
  ])("mistakes of a superuser are refused: %s", async (sql) => {
    await expect(world.admin.query(sql)).rejects.toMatchObject({ code: "23001" });
  });
});

describe("retention of the log", () => {
  /** Entries of long ago, in the order in which they were written. */
  const old = (tenantId: number | null, days: readonly number[]) =>
    world.admin.query(
      `INSERT INTO audit_log (tenant_id, at, actor_kind, actor_name, action)
       SELECT $1, now() - day * interval '1 day', 'system', 'executor', 'run.succeeded'
       FROM unnest($2::int[]) WITH ORDINALITY AS d(day, n) ORDER BY n`,
      [tenantId, days],
    );

  test("removes the oldest and leaves a chain that is proven from there on, and an entry that says so", async () => {
    const { id } = world.foreign;
    // What is in the log already becomes old.
    await behindTheGuards(world.admin, "DELETE FROM audit_log WHERE tenant_id = $1", [id]);
    await behindTheGuards(world.admin, "DELETE FROM audit_chain WHERE chain = $1", [id]);
    await behindTheGuards(world.admin, "DELETE FROM audit_chains WHERE chain = $1", [id]);
    await old(id, [500, 400, 399, 20, 450, 1]);
    const whole = await verified(world.foreign);
    const { rows } = await world.admin.query(
      "SELECT sequence::text, encode(hash, 'hex') AS hash FROM audit_chain l WHERE chain = $1 ORDER BY l.sequence",
      [id],
    );
    // Up to the first that is younger: what was written after it is not looked at.
    expect(await cutAuditLog(retentionActor, id, { days: 365 })).toEqual({ removed: 3, more: false });
    const anchors = rows.map((row) => ({ chain: id, ...row }));
    const cut = await verifyChain(read, id, anchors);
    expect(cut).toMatchObject({ fault: null, cut: "3", entries: whole.entries - 3 + 1 });
    // The one on which the rest stands holds still; those before it cannot be looked at.
    expect(cut.anchors).toEqual({ held: 4, removed: 2 });
    expect(
      (await verifyChain(read, id, [{ chain: id, sequence: "3", hash: "0".repeat(64) }])).fault,
    ).toMatchObject({
      sequence: "3",
    });
    const [newest] = (await listAuditLog(world.foreign.actors.owner, id, {})).items;
    expect(newest).toMatchObject({
      action: "audit.cut",
      actor_name: "retention",
      details: { through_sequence: 3, through_hash: rows[2].hash, removed: 3 },
    });
    expect(await cutAuditLog(retentionActor, id, { days: 365 })).toEqual({ removed: 0, more: false });
  });

  test("is off unless it is set, concerns the platform's own log too, and removes nothing that was tampered with", async () => {
    await old(null, [400, 399, 1]);
    expect(await cutOldAuditEntries()).toBe(0);
    vi.stubEnv("AUDIT_RETENTION_DAYS", "390");
    const rename = (from: string, to: string) =>
      behindTheGuards(
        world.admin,
        "UPDATE audit_log SET actor_name = $2 WHERE tenant_id IS NULL AND actor_name = $1",
        [from, to],
      );
    await rename("executor", "nobody");
    const refused = await cutOldAuditEntries().catch((error: AggregateError) => String(error.errors[0]));
    expect(refused).toMatch(/tampered with/);
    await rename("nobody", "executor");
    expect(await cutOldAuditEntries()).toBe(2);
    vi.unstubAllEnvs();
    expect(await verifyChain(read, 0)).toMatchObject({ fault: null, cut: "2", entries: 2 });
  });
});

describe("anchors", () => {
  const said = async (work: () => Promise<unknown>) => {
    const spy = vi.spyOn(log, "info").mockImplementation(() => {});
    await work();
    const lines = spy.mock.calls
      .map(([line]) => JSON.stringify(line))
      .filter((line) => line.includes("audit_anchor"));
    spy.mockRestore();
    return lines;
  };
  const script = fileURLToPath(new URL("../../scripts/verify-audit.ts", import.meta.url));
  const lightImports = new URL("../../scripts/light-imports.ts", import.meta.url).href;
  const verify = (args: readonly string[]) =>
    new Promise<{ code: number | null; out: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        ["--import", lightImports, script, ...args],
        { env: process.env },
        (_error, out, err) => resolve({ code: child.exitCode, out: out + err }),
      );
    });

  test("are said when a chain has moved, with each export too, and find what was computed anew", async () => {
    const { id, actors } = world.tenant;
    const first = await said(sayAnchors);
    expect(first.length).toBeGreaterThanOrEqual(2);
    expect(await said(sayAnchors)).toEqual([]);
    await makeSchedule(actors.manager, id);
    // A day has not passed, and one entry is not many.
    expect(await said(sayAnchors)).toEqual([]);
    const exported = await said(() => exportAuditLog(actors.manager, id, { format: "csv" }));
    const { head } = await verified(world.tenant);
    expect(exported).toEqual([
      JSON.stringify({
        audit_anchor: {
          tenant: id,
          // Before the entry of the export itself.
          sequence: Number(head?.sequence) - 1,
          hash: JSON.parse(exported[0] ?? "{}").audit_anchor.hash,
        },
      }),
    ]);
    const file = join(tmpdir(), `tenantpilot-anchors-${process.pid}.log`);
    await writeFile(file, [...first, "something else", ...exported].join("\n"));
    const good = await verify(["--anchors", file]);
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining(`tenant ${id}: `) });
    expect(good.out).toMatch(/2 anchors hold/);

    // The last two entries go, and the head with them: the chain itself is whole.
    await behindTheGuards(
      world.admin,
      `WITH gone AS (DELETE FROM audit_chain WHERE chain = ${id} AND sequence > ${Number(head?.sequence) - 2} RETURNING entry_id),
            entries AS (DELETE FROM audit_log WHERE id IN (SELECT entry_id FROM gone))
       UPDATE audit_chains c SET head_sequence = l.sequence, head_hash = l.hash FROM audit_chain l
       WHERE c.chain = ${id} AND l.chain = ${id} AND l.sequence = ${Number(head?.sequence) - 2}`,
    );
    expect((await verified(world.tenant)).fault).toBeNull();
    const cutOff = await verify(["--anchors", file]);
    expect(cutOff.code).toBe(1);
    expect(cutOff.out).toMatch(
      new RegExp(`tenant ${id}: NOT AS IT WAS WRITTEN. The log is cut off: it ends at entry`),
    );
  });
});
