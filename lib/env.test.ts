import { afterEach, expect, test, vi } from "vitest";
import { encryptionKeys, env, serviceEnv } from "./env.ts";

const key = (byte: number, length = 32) => Buffer.alloc(length, byte).toString("base64");

afterEach(() => {
  vi.unstubAllEnvs();
});

function set(one: string | undefined, several?: string) {
  vi.stubEnv("DATABASE_URL", "postgresql://nowhere");
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEY", one);
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEYS", several);
}

test.each([
  ["one key", key(1), undefined, [1]],
  ["several keys", undefined, `${key(1)},${key(2)}`, [1, 2]],
  ["several keys before the one", key(1), ` ${key(2)}, ${key(3)},\n`, [2, 3, 1]],
  ["empty variables, as unset ones", "", "", []],
])("reads %s", (_what, one, several, first) => {
  set(one, several);
  expect(encryptionKeys().map((found) => found[0])).toEqual(first);
});

test.each([
  [key(1, 16), undefined, "TENANTPILOT_ENCRYPTION_KEY: must be 32 bytes in base64, not 16"],
  [
    undefined,
    `${key(1)},${key(2, 31)}`,
    "TENANTPILOT_ENCRYPTION_KEYS, key 2: must be 32 bytes in base64, not 31",
  ],
])("says in one line what is wrong with a key", (one, several, words) => {
  set(one, several);
  expect(() => env()).toThrow(words);
  expect(() => env()).toThrow(/^[^\n]*openssl rand -base64 32$/);
});

test("a process that serves does not start without a key", () => {
  set(undefined);
  expect(() => env()).not.toThrow();
  expect(() => serviceEnv()).toThrow(/^[^\n]*TENANTPILOT_ENCRYPTION_KEY is not set; [^\n]*$/);
});
