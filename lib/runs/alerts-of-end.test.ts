import { expect, test } from "vitest";
import type { TypeSummary } from "#lib/capture/summary";
import type { WrittenSet } from "#lib/sets/write-set";
import { wholeType } from "#lib/testing/whole-type";
import { alertsOfEnd } from "./alerts-of-end.ts";
import type { RunEnd } from "./finish.ts";

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

const whole = { namedLocation: wholeType(13) };
const refused = {
  namedLocation: { ...wholeType(0), listed: false, error_code: "PERMISSION_MISSING" },
} as const;
const ended = (end: Partial<RunEnd>): RunEnd => ({
  status: "failed",
  error_code: null,
  error_message: null,
  types: {},
  ...end,
});
const changedBy = (changes: Partial<WrittenSet["changes"]>) => ({
  ...set,
  changes: { ...set.changes, ...changes },
});
const good = [
  "run.recovered schedule:3:backup",
  "permission.granted schedule:3:permissions",
  "connection.accepted connection",
];

test.each<[string, RunEnd, Parameters<typeof alertsOfEnd>[2], string[]]>([
  [
    "failed",
    ended({ error_code: "GRAPH_UNAVAILABLE", types: whole }),
    null,
    ["run.failed schedule:3:backup"],
  ],
  [
    "failed since its sign-in was refused",
    ended({ error_code: "AUTH_CONFIG" }),
    null,
    ["run.failed schedule:3:backup", "connection.refused connection"],
  ],
  [
    "was not permitted to read a type",
    ended({ status: "partial", error_code: "INCOMPLETE_CAPTURE", types: refused }),
    set,
    [
      "run.partial schedule:3:backup",
      "permission.lost schedule:3:permissions",
      "connection.accepted connection",
    ],
  ],
  ["captured everything", ended({ status: "success", types: whole }), set, good],
  ["was canceled", ended({ status: "canceled" }), null, []],
  [
    "found the first policies of its schedule",
    ended({ status: "success", types: whole }),
    changedBy({ added: 13, unchanged: 0 }),
    good,
  ],
  [
    "found a change",
    ended({ status: "success", types: whole }),
    changedBy({ changed: 1 }),
    [...good, "policies.changed"],
  ],
  [
    "found fewer than ten policies removed, and be it all",
    ended({ status: "success", types: whole }),
    changedBy({ removed: 9, unchanged: 0 }),
    [...good, "policies.changed"],
  ],
  [
    "found ten policies removed, and less than a fifth",
    ended({ status: "success", types: whole }),
    changedBy({ removed: 10, unchanged: 41 }),
    [...good, "policies.changed"],
  ],
  [
    "found ten policies removed, and a fifth",
    ended({ status: "success", types: whole }),
    changedBy({ removed: 10, unchanged: 40 }),
    [...good, "policies.changed", "policies.removed"],
  ],
])("what is told of a run that %s", (_what, end, made, told) => {
  const alerts = alertsOfEnd(run, end, made);
  expect(alerts.map(({ kind, cause }) => [kind, ...(cause ? [cause] : [])].join(" "))).toEqual(told);
  // Rules can be limited to the schedule, whatever is told.
  expect(alerts.filter(({ schedule_id }) => schedule_id !== run.schedule_id)).toEqual([]);
});

test("what may not be read is called as people call it", () => {
  const types = {
    conditionalAccessPolicy: { ...wholeType(0), listed: false, error_code: "PERMISSION_MISSING" },
  } as const;
  const end = { status: "failed", error_code: "PERMISSION_MISSING", error_message: null, types } as const;
  const [body] = alertsOfEnd(run, end, null).flatMap((alert) =>
    alert.kind === "permission.lost" ? [alert.body] : [],
  );
  expect(body).toContain("may not read: Conditional access policies. Grant");
});
