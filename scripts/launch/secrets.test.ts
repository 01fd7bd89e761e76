import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { loadSecrets } from "./secrets.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenantpilot-secrets-"));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(folder, { recursive: true, force: true }));

it("keeps the secrets of a data folder, and takes those of the environment unless they are empty", async () => {
  vi.stubEnv("NEXTAUTH_SECRET", "");
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEY", "");
  const kept = await loadSecrets(folder);
  expect(Buffer.from(kept.NEXTAUTH_SECRET, "base64")).toHaveLength(32);
  expect(Buffer.from(kept.TENANTPILOT_ENCRYPTION_KEY, "base64")).toHaveLength(32);
  expect(await loadSecrets(folder)).toEqual(kept);
  vi.stubEnv("NEXTAUTH_SECRET", "of the environment");
  expect(await loadSecrets(folder)).toEqual({ ...kept, NEXTAUTH_SECRET: "of the environment" });
});
