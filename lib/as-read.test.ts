import { expect, test } from "vitest";
import { changedSince, onTopOf, requireAsRead } from "./as-read.ts";

const read = { accounts: ["one"], limit: 25, two_people: false };

test("what changed since it was read is told by its fields", () => {
  expect(changedSince(read, { ...read, accounts: ["one"] })).toEqual([]);
  const current = { ...read, accounts: ["one", "two"], two_people: true };
  expect(changedSince(read, current)).toEqual(["accounts", "two_people"]);
  expect(() => requireAsRead(read, current)).toThrow("accounts, two_people");
  expect(() => requireAsRead(read, { ...read })).not.toThrow();
  // Who says nothing of what they read replaces whatever is there.
  expect(() => requireAsRead(undefined, current)).not.toThrow();
});

test("what somebody wants goes on top of what it is by now, and takes nothing of it back", () => {
  const wanted = { ...read, limit: 7 };
  const current = { ...read, accounts: ["one", "two"], two_people: true };
  expect(onTopOf(read, wanted, current)).toEqual({ ...current, limit: 7 });
});
