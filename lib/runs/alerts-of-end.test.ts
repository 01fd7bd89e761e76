import { expect, test } from "vitest";
import type { TypeSummary } from "#lib/capture/summary";
import type { WrittenSet } from "#lib/sets/write-set";
import { wholeType } from "#lib/testing/whole-type";
import { alertsOfEnd } from "./alerts-of-end.ts";

const run = { tenant_id: 1, run_id: 2, schedule_id: 3, name: "Nightly", isReading: false, isDeleted: false };
const set = { id: 4, changes: { added: 0, changed: 0, removed: 0, unchanged: 1 }, caught_up: [] };

/** What is told of permissions when a run that made a set found one type whole, and another one so. */
function toldOf(other: Partial<TypeSummary>) {
  const types = {
    conditionalAccessPolicy: wholeType(1),
    deviceCompliancePolicy: { ...wholeType(0), ...other },
  };
  const end = { status: "partial", error_code: "INCOMPLETE_CAPTURE", error_message: null, types } as const;
  return alertsOfEnd(run, end, set).flatMap(({ kind, policy_types }) =>
    kind.startsWith("permission.") ? [[kind, policy_types]] : [],
  );
}

const denied = { graph_id: "x", display_name: null, error_code: "PERMISSION_MISSING", reason: "" } as const;
const lost = [["permission.lost", ["deviceCompliancePolicy"]]];
const granted = [["permission.granted", undefined]];

test.each<[string, Partial<TypeSummary>, unknown]>([
  ["a list that was read to its end", {}, granted],
  ["a type that this tenant does not have", { listed: false, error_code: "TYPE_UNAVAILABLE" }, granted],
  ["a type without a license", { listed: false, skipped: true, error_code: "LICENSE_MISSING" }, granted],
  [
    "items of which some failed",
    { expected: 2, captured: 1, failed: 1, error_code: "GRAPH_UNAVAILABLE" },
    granted,
  ],
  ["a list that Graph could not give", { listed: false, error_code: "GRAPH_UNAVAILABLE" }, []],
  ["a list that was throttled", { listed: false, error_code: "GRAPH_THROTTLE" }, []],
  ["items that all failed", { expected: 2, failed: 2, error_code: "GRAPH_UNAVAILABLE" }, []],
  ["a list that was refused", { listed: false, error_code: "PERMISSION_MISSING" }, lost],
  [
    "an item that was refused before the sign-in was",
    { expected: 2, captured: 1, failed: 1, error_code: "AUTH_CONFIG", missing: [denied] },
    lost,
  ],
])("what %s says of permissions", (_what, type, told) => {
  expect(toldOf(type)).toEqual(told);
});

test("changes of policies that the last backup lacks say which set they are compared with", () => {
  const told = (
    caught_up: WrittenSet["caught_up"],
    changes = { added: 0, changed: 3, removed: 1, unchanged: 9 },
    which = "policies.changed",
  ) => {
    const end = {
      status: "success",
      error_code: null,
      error_message: null,
      types: { namedLocation: wholeType(13) },
    } as const;
    return alertsOfEnd(run, end, { id: 4, changes, caught_up }).find(({ kind }) => kind === which)?.body;
  };
  const all = '"Nightly" found 0 added, 3 changed, 1 removed since its last backup.';
  const none = { added: 0, changed: 0, removed: 0, unchanged: 5 };
  expect(told([])).toBe(all);
  expect(told([{ set_id: 2, changes: none }])).toBe(all);
  expect(told([{ set_id: 2, changes: { ...none, changed: 1 } }])).toBe(
    `${all} Of these, 1 is of policies that the last backup lacks, since set 2.`,
  );
  expect(
    told([
      { set_id: 2, changes: { ...none, changed: 1 } },
      { set_id: 1, changes: { ...none, removed: 1 } },
    ]),
  ).toBe(`${all} Of these, 2 are of policies that the last backup lacks, since set 2 and set 1.`);
  const gone = { added: 0, changed: 1, removed: 12, unchanged: 10 };
  const lost = '"Nightly" found 12 of 23 policies removed since its last backup.';
  expect(told([{ set_id: 2, changes: { ...none, changed: 1 } }], gone, "policies.removed")).toBe(lost);
  expect(told([{ set_id: 2, changes: { ...none, removed: 11 } }], gone, "policies.removed")).toBe(
    `${lost} Of these, 11 are of policies that the last backup lacks, since set 2.`,
  );
});
