import { expect, test } from "vitest";
import type { TypeOutcome } from "#lib/capture/capture";
import { isThrough } from "./progress.ts";

const outcome: TypeOutcome = {
  policy_type: "conditionalAccessPolicy",
  kind: "policy",
  expected: 0,
  captured: 0,
  gone: 0,
  failed: 0,
  skipped: false,
  listed: false,
  error_code: null,
  error_message: null,
  request_id: null,
  missing: [],
};
const through = (changes: Partial<TypeOutcome>) => isThrough({ ...outcome, ...changes });
const theList = { graph_id: null, display_name: null, error_code: "GRAPH_UNAVAILABLE", reason: "" } as const;

test("a type is done when its list was read and all of it is accounted for, also when there is none", () => {
  expect(through({})).toBe(false);
  expect(through({ listed: true })).toBe(true);
  expect(through({ listed: true, expected: 5, captured: 4 })).toBe(false);
  expect(through({ listed: true, expected: 5, captured: 3, gone: 1, failed: 1 })).toBe(true);
  // Its next page may bring more.
  expect(through({ expected: 5, captured: 5 })).toBe(false);
});

test("so it is when its list could not be read, or the tenant has not bought it", () => {
  expect(through({ skipped: true, error_code: "LICENSE_MISSING" })).toBe(true);
  expect(through({ missing: [theList] })).toBe(true);
  expect(through({ expected: 5, captured: 5, missing: [theList] })).toBe(true);
  expect(through({ expected: 5, captured: 4, missing: [theList] })).toBe(false);
});
