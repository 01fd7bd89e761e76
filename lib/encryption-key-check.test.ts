import { randomBytes } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { rotateCredentials } from "#lib/connection/rotate-credentials";
import { withWorld } from "#lib/testing/world";
import { encryptionKeyFault } from "./encryption-key-check.ts";
import { readiness } from "./health/readiness.ts";

const world = withWorld({ policies: 1 });
const own = process.env.TENANTPILOT_ENCRYPTION_KEY ?? "";
const made = () => randomBytes(32).toString("base64");

afterEach(async () => {
  vi.unstubAllEnvs();
  await world.admin.query("DELETE FROM encryption_key_check");
});

function useKeys(...keys: string[]) {
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEY", undefined);
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEYS", keys.join());
}

test("the first key is noted, another one is refused in one line, and readiness says so", async () => {
  expect(await encryptionKeyFault()).toBeNull();
  expect(await encryptionKeyFault()).toBeNull();
  expect((await readiness()).checks.encryption_key).toEqual({ ok: true, message: "is the right one" });
  useKeys(made());
  expect(await encryptionKeyFault()).toMatch(/^TENANTPILOT_ENCRYPTION_KEY is not the key .* --lost-key$/);
  const { ready, checks } = await readiness();
  expect(ready).toBe(false);
  expect(checks.encryption_key).toMatchObject({
    ok: false,
    message: expect.stringMatching(/is not the key/),
  });
});

test("several processes that start at once with different keys agree on one", async () => {
  const faults = await Promise.all([encryptionKeyFault(), encryptionKeyFault(), encryptionKeyFault()]);
  expect(faults).toEqual([null, null, null]);
});

test("what is noted tells nothing of the key", async () => {
  await encryptionKeyFault();
  const { rows } = await world.admin.query("SELECT key_hash FROM encryption_key_check");
  expect(rows).toEqual([{ key_hash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  expect(rows[0].key_hash).not.toBe(Buffer.from(own, "base64").toString("hex"));
});

test("a rotation takes the noted key along", async () => {
  await encryptionKeyFault();
  const next = made();
  useKeys(next, own);
  expect(await encryptionKeyFault()).toBeNull();
  useKeys(next);
  expect(await encryptionKeyFault()).not.toBeNull();
  useKeys(next, own);
  expect((await rotateCredentials()).unreadable).toEqual([]);
  useKeys(next);
  expect(await encryptionKeyFault()).toBeNull();
  useKeys(own);
  expect(await encryptionKeyFault()).not.toBeNull();
});

test("a key that is lost is waited for until somebody says that it is lost", async () => {
  await encryptionKeyFault();
  const next = made();
  useKeys(next);
  expect((await rotateCredentials()).unreadable.length).toBeGreaterThan(0);
  expect(await encryptionKeyFault()).not.toBeNull();
  await rotateCredentials({ isKeyLost: true });
  expect(await encryptionKeyFault()).toBeNull();
});
