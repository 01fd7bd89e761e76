import { randomBytes } from "node:crypto";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { listAuditLog } from "#lib/audit/list";
import {
  forgetWriteConnection,
  getWriteConnection,
  saveWriteConnection,
} from "#lib/restore/write-connection";
import { executeRun } from "#lib/runs/execute";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { openCredential, sealCredential } from "#lib/sealed-credential";
import { makeSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { READ_PERMISSIONS } from "#sandbox/collections";
import { getConnection, saveConnection, testConnection } from "./connection.ts";

const world = withWorld({ policies: 10 });

const input = (secret: string) => ({
  cloud: "sandbox" as const,
  entra_tenant_id: world.tenant.sandbox.entraTenantId,
  client_id: world.tenant.sandbox.clientId,
  credential_kind: "secret" as const,
  credential: secret,
});

test("the credential is stored encrypted, and no answer or audit entry holds it", async () => {
  const { id, actors } = world.tenant;
  const secret = "a-very-particular-secret-value";
  const saved = await saveConnection(actors.owner, id, input(secret));
  const seen = [
    saved,
    await getConnection(actors.manager, id, {}),
    await listAuditLog(actors.readonly, id, {}),
  ];
  expect(JSON.stringify(seen)).not.toContain(secret);
  const { rows } = await world.admin.query<{ credential_ciphertext: Buffer }>(
    "SELECT credential_ciphertext FROM connections",
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.some((row) => row.credential_ciphertext.includes(secret))).toBe(false);
  await saveConnection(actors.owner, id, input(world.tenant.sandbox.clientSecret));
});

test("an empty credential keeps the stored one; without one it is asked for", async () => {
  const { id, actors } = world.tenant;
  await saveConnection(actors.owner, id, input(""));
  expect(await testConnection(actors.owner, id, {})).toMatchObject({ ok: true });
  await expect(
    saveConnection(actors.owner, id, { ...input(""), credential_kind: "certificate" }),
  ).rejects.toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path: "credential" }] });
});

test("of two owners who save at about the same time, the second is told", async () => {
  const { id, actors } = world.tenant;
  const { updated_at } = await saveConnection(actors.owner, id, input(world.tenant.sandbox.clientSecret));
  const save = (read: string | null) => saveConnection(actors.owner, id, { ...input(""), updated_at: read });
  const theirs = await save(updated_at);
  for (const read of [updated_at, null])
    await expect(save(read)).rejects.toMatchObject({ code: "EDIT_CONFLICT" });
  expect((await getConnection(actors.owner, id, {}))?.updated_at).toBe(theirs.updated_at);
});

test.each([
  ["client_id", { client_id: "99999999-9999-4999-8999-999999999999" }],
  ["entra_tenant_id", { entra_tenant_id: "99999999-9999-4999-8999-999999999999" }],
  ["cloud", { cloud: "global" as const }],
])("with another %s, the stored credential is not kept: it is asked for again", async (_field, change) => {
  const { id, actors } = world.tenant;
  const before = await getConnection(actors.owner, id, {});
  await expect(saveConnection(actors.owner, id, { ...input(""), ...change })).rejects.toMatchObject({
    code: "VALIDATION_FAILED",
    errors: [{ path: "credential", message: expect.stringContaining("another app registration") }],
  });
  expect(await getConnection(actors.owner, id, {})).toEqual(before);
  await saveConnection(actors.owner, id, { ...input("another secret"), ...change });
  await saveConnection(actors.owner, id, input(world.tenant.sandbox.clientSecret));
});

describe("the connection for writing", () => {
  const writing = "88888888-8888-4888-8888-888888888888";
  const save = (change: Partial<Parameters<typeof saveConnection>[2]>) =>
    saveConnection(world.tenant.actors.owner, world.tenant.id, {
      ...input(world.tenant.sandbox.clientSecret),
      ...change,
    });
  const kept = async () =>
    (await getWriteConnection(world.tenant.actors.owner, world.tenant.id, {}))?.client_id ?? null;

  beforeEach(async () => {
    await save({});
    await saveWriteConnection(world.tenant.actors.owner, world.tenant.id, {
      client_id: writing,
      credential_kind: "secret",
      credential: "a secret that writes",
      keep_hours: 4,
    });
  });
  afterAll(() => save({}));

  test.each([
    ["cloud", { cloud: "global" as const }],
    ["entra_tenant_id", { entra_tenant_id: "99999999-9999-4999-8999-999999999999" }],
  ])("is forgotten with another %s: its credential is sent nowhere else", async (_field, change) => {
    const { id, actors } = world.tenant;
    // What leaves the tenant where it is keeps it, also in capital letters.
    const capitals = { entra_tenant_id: world.tenant.sandbox.entraTenantId.toUpperCase() };
    expect((await save(capitals)).write_connection_forgotten).toBe(false);
    expect(await kept()).toBe(writing);
    expect((await save(change)).write_connection_forgotten).toBe(true);
    expect(await kept()).toBeNull();
    const { rows } = await world.admin.query("SELECT count(*)::int AS n FROM write_connections");
    expect(rows).toEqual([{ n: 0 }]);
    const [newest] = (await listAuditLog(actors.owner, id, { action: "write_connection.forgotten" })).items;
    expect(newest?.details).toEqual({ why: "the tenant that is connected has changed" });
    expect((await save({})).write_connection_forgotten).toBe(false);
  });

  test("is forgotten in an archived tenant as well, and not saved there", async () => {
    const { id, actors } = world.tenant;
    const archive = (at: "now()" | "NULL") =>
      world.admin.query(`UPDATE tenants SET archived_at = ${at} WHERE id = $1`, [id]);
    await archive("now()");
    try {
      await expect(
        saveWriteConnection(actors.owner, id, {
          client_id: writing,
          credential_kind: "secret",
          credential: "another secret that writes",
          keep_hours: 4,
        }),
      ).rejects.toMatchObject({ code: "FORBIDDEN", message: expect.stringContaining("archived") });
      await expect(forgetWriteConnection(actors.manager, id, {})).rejects.toMatchObject({
        code: "FORBIDDEN",
      });
      expect(await kept()).toBe(writing);
      await forgetWriteConnection(actors.owner, id, {});
      expect(await kept()).toBeNull();
      const [newest] = (await listAuditLog(actors.owner, id, { action: "write_connection.forgotten" })).items;
      expect(newest?.details).toEqual({ why: "asked" });
    } finally {
      await archive("NULL");
    }
  });

  test("has an app registration of its own, whichever is saved first", async () => {
    await expect(save({ client_id: writing.toUpperCase() })).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
      errors: [{ path: "client_id", message: expect.stringContaining("backups stay read-only") }],
    });
    expect(await kept()).toBe(writing);
  });

  test("waits for the connection that is being saved, and is held against what was", async () => {
    const saving = await world.admin.connect();
    const other = "77777777-7777-4777-8777-777777777777";
    try {
      await saving.query("BEGIN");
      await saving.query("UPDATE connections SET client_id = $2 WHERE tenant_id = $1", [
        world.tenant.id,
        other,
      ]);
      const late = saveWriteConnection(world.tenant.actors.owner, world.tenant.id, {
        client_id: other,
        credential_kind: "secret",
        credential: "a secret that writes",
        keep_hours: 4,
      }).catch((error) => error.code);
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
      await until("it waits", async () => (await saving.query(waiting)).rowCount, 5);
      await saving.query("COMMIT");
      expect(await late).toBe("VALIDATION_FAILED");
    } finally {
      await saving.query("ROLLBACK");
      saving.release();
    }
  });
});

test("the same ids in capital letters are the same app registration", async () => {
  const { id, actors } = world.tenant;
  const { entra_tenant_id, client_id, ...rest } = input("");
  const capitals = { entra_tenant_id: entra_tenant_id.toUpperCase(), client_id: client_id.toUpperCase() };
  await saveConnection(actors.owner, id, { ...rest, ...capitals });
  expect(await testConnection(actors.owner, id, {})).toMatchObject({ ok: true });
});

test("a test says nothing of a connection that was saved while it ran", async () => {
  const { id, actors } = world.tenant;
  const slow = world.sandbox.fault({ phase: ["token"], action: { kind: "latency", ms: 1_500 } });
  try {
    const testing = testConnection(actors.owner, id, {}).catch((error) => error);
    await until("the test signs in", async () => slow.matched > 0);
    await saveConnection(actors.owner, id, input("another secret, which nobody has tested"));
    expect(await testing).toMatchObject({ code: "CONFLICT" });
  } finally {
    world.sandbox.reset();
  }
  expect(await getConnection(actors.owner, id, {})).toMatchObject({ tested_at: null, test_result: null });
  await saveConnection(actors.owner, id, input(world.tenant.sandbox.clientSecret));
});

test("what was granted since the last test counts at once: each test signs in anew", async () => {
  const { id, actors } = world.tenant;
  const sandbox = world.sandbox.tenant(world.tenant.sandbox.entraTenantId);
  sandbox.setPermissions(["DeviceManagementConfiguration.Read.All"]);
  expect((await testConnection(actors.owner, id, {})).missing).toHaveProperty("conditionalAccessPolicy");
  sandbox.setPermissions(["DeviceManagementConfiguration.Read.All", "Policy.Read.All"]);
  expect((await testConnection(actors.owner, id, {})).missing).not.toHaveProperty("conditionalAccessPolicy");
  world.sandbox.reset();
});

test("a test names the missing permission of each type, and remembers its result", async () => {
  const { id, actors } = world.tenant;
  const all = await testConnection(actors.owner, id, {});
  expect(all).toMatchObject({ ok: true, missing: {} });
  world.sandbox
    .tenant(world.tenant.sandbox.entraTenantId)
    .setPermissions(["DeviceManagementConfiguration.ReadWrite.All"]);
  const some = await testConnection(actors.owner, id, {});
  expect(some.missing).toMatchObject({ conditionalAccessPolicy: "Policy.Read.All" });
  expect(some.missing).not.toHaveProperty("deviceConfiguration");
  expect((await getConnection(actors.manager, id, {}))?.test_result).toEqual(some);
  world.sandbox.reset();
});

test("permissions for names are optional: a test names what lacks, and is no worse for it", async () => {
  const { id, actors } = world.tenant;
  const all = await testConnection(actors.owner, id, {});
  expect(all.names?.map(({ granted }) => granted)).toEqual([true, true, true, true]);
  expect(all.message).not.toMatch(/Names of/);
  const without = READ_PERMISSIONS.filter((each) => !/^(Group|Directory)/.test(each));
  world.sandbox.tenant(world.tenant.sandbox.entraTenantId).setPermissions(without);
  const some = await testConnection(actors.owner, id, {});
  expect(some).toMatchObject({ ok: true, missing: {} });
  expect(some.names).toContainEqual({ names: "groups", permission: "Group.ReadBasic.All", granted: false });
  expect(some.message).toMatch(/Names of groups: not permitted.*Group\.ReadBasic\.All/);
  world.sandbox.reset();
});

test("a test with a wrong secret says so, in words", async () => {
  const { id, actors } = world.tenant;
  await saveConnection(actors.owner, id, input("wrong"));
  const result = await testConnection(actors.owner, id, {});
  expect(result.ok).toBe(false);
  expect(result.message).toMatch(/secret/i);
  await saveConnection(actors.owner, id, input(world.tenant.sandbox.clientSecret));
});

test("with another encryption key, the run fails with AUTH_CONFIG instead of breaking", async () => {
  const { id, actors } = world.tenant;
  const key = process.env.TENANTPILOT_ENCRYPTION_KEY;
  const schedule = await makeSchedule(actors.manager, id);
  const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
  process.env.TENANTPILOT_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  try {
    await executeRun(id, run.id, new AbortController().signal);
    expect(await testConnection(actors.owner, id, {})).toMatchObject({ ok: false });
  } finally {
    process.env.TENANTPILOT_ENCRYPTION_KEY = key;
  }
  expect(await getRun(actors.readonly, id, { run_id: run.id })).toMatchObject({
    status: "failed",
    error_code: "AUTH_CONFIG",
  });
});

test("a sealed credential opens for its own tenant and field only, and not after a flipped bit", () => {
  const sealed = sealCredential("secret", 1, "connection.credential");
  expect(openCredential(sealed, 1, "connection.credential")).toBe("secret");
  expect(() => openCredential(sealed, 2, "connection.credential")).toThrow();
  expect(() => openCredential(sealed, 1, "another.field")).toThrow();
  for (let i = 0; i < sealed.length; i += 1) {
    const damaged = Uint8Array.from(sealed);
    damaged[i] = (damaged[i] ?? 0) ^ 1;
    expect(() => openCredential(damaged, 1, "connection.credential")).toThrow();
  }
});
