import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { listAuditLog } from "#lib/audit/list";
import { executeRun } from "#lib/runs/execute";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { getConnection, saveConnection, testConnection } from "./connection.ts";
import { openCredential, sealCredential } from "./credential.ts";

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
  expect(await testConnection(actors.owner, id)).toMatchObject({ ok: true });
  await expect(
    saveConnection(actors.owner, id, { ...input(""), credential_kind: "certificate" }),
  ).rejects.toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path: "credential" }] });
});

test("a test names the missing permission of each type, and remembers its result", async () => {
  const { id, actors } = world.tenant;
  const all = await testConnection(actors.owner, id);
  expect(all).toMatchObject({ ok: true, missing: {} });
  world.sandbox
    .tenant(world.tenant.sandbox.entraTenantId)
    .setPermissions(["DeviceManagementConfiguration.ReadWrite.All"]);
  const some = await testConnection(actors.owner, id);
  expect(some.missing).toMatchObject({ conditionalAccessPolicy: "Policy.Read.All" });
  expect(some.missing).not.toHaveProperty("deviceConfiguration");
  expect((await getConnection(actors.manager, id, {}))?.test_result).toEqual(some);
  world.sandbox.reset();
});

test("a test with a wrong secret says so, in words", async () => {
  const { id, actors } = world.tenant;
  await saveConnection(actors.owner, id, input("wrong"));
  const result = await testConnection(actors.owner, id);
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
    expect(await testConnection(actors.owner, id)).toMatchObject({ ok: false });
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
