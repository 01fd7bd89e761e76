import { expect, test } from "vitest";
import { goesOutAt, type Matched, type Matching, takes } from "./match.ts";

const rule = (more: Partial<Matching> = {}): Matching => ({
  kinds: [],
  least_severity: "warning",
  schedule_ids: [],
  policy_types: [],
  tells_recovery: true,
  timezone: "UTC",
  quiet_from: null,
  quiet_until: null,
  digest: null,
  ...more,
});
const event = (more: Partial<Matched> = {}): Matched => ({
  kind: "run.failed",
  severity: "critical",
  began_as: null,
  schedule_id: 7,
  policy_types: ["settingsCatalogPolicy"],
  ...more,
});
const recovery = event({
  kind: "run.recovered",
  severity: "info",
  began_as: { kind: "run.failed", severity: "critical" },
  policy_types: [],
});

test.each<[string, Partial<Matching>, Matched, boolean]>([
  ["what is bad enough", {}, event(), true],
  ["what is just bad enough", { least_severity: "critical" }, event(), true],
  ["what is not bad enough", {}, event({ severity: "info" }), false],
  ["a kind that is named", { kinds: ["run.failed"] }, event(), true],
  ["a kind that is not named", { kinds: ["set.damaged"] }, event(), false],
  ["a schedule that is named", { schedule_ids: [3, 7] }, event(), true],
  ["a schedule that is not named", { schedule_ids: [3] }, event(), false],
  [
    "what concerns no schedule, where some are named",
    { schedule_ids: [3] },
    event({ schedule_id: null }),
    false,
  ],
  ["a policy type that is named", { policy_types: ["x", "settingsCatalogPolicy"] }, event(), true],
  ["a policy type that is not named", { policy_types: ["x"] }, event(), false],
  ["the end of what it took, though the end is good news", {}, recovery, true],
  ["the end of a kind that is named", { kinds: ["run.failed"] }, recovery, true],
  ["the end of a kind that is not named", { kinds: ["set.damaged"] }, recovery, false],
  ["an end where it wants none", { tells_recovery: false }, recovery, false],
  ["an end that is named itself", { tells_recovery: false, kinds: ["run.recovered"] }, recovery, true],
  ["nothing at once where it makes a digest", { digest: "daily" }, event(), false],
])("a rule takes, or leaves, %s", (_what, more, given, expected) => {
  expect(takes(rule(more), given)).toBe(expected);
});

test.each([
  ["without quiet hours", null, null, "2026-06-01T21:00:00Z", "2026-06-01T21:00:00Z"],
  ["before them", "22:00", "07:00", "2026-06-01T19:59:00Z", "2026-06-01T19:59:00Z"],
  ["when they begin", "22:00", "07:00", "2026-06-01T20:00:00Z", "2026-06-02T05:00:00Z"],
  ["over midnight", "22:00", "07:00", "2026-06-01T23:30:00Z", "2026-06-02T05:00:00Z"],
  ["when they end", "22:00", "07:00", "2026-06-02T05:00:00Z", "2026-06-02T05:00:00Z"],
  ["within a day", "12:00", "13:30", "2026-06-01T10:15:00Z", "2026-06-01T11:30:00Z"],
  [
    "in a night that a clock change makes longer",
    "22:00",
    "07:00",
    "2026-10-24T21:00:00Z",
    "2026-10-25T06:00:00Z",
  ],
  [
    "in a night that a clock change makes shorter",
    "22:00",
    "07:00",
    "2026-03-28T22:30:00Z",
    "2026-03-29T05:00:00Z",
  ],
  [
    "until a time that a clock change leaves out",
    "22:00",
    "02:30",
    "2026-03-28T23:00:00Z",
    "2026-03-29T01:30:00Z",
  ],
  [
    "until a time that comes twice, when it comes first",
    "22:00",
    "02:30",
    "2026-10-24T22:00:00Z",
    "2026-10-25T00:30:00Z",
  ],
  ["between the two", "22:00", "02:30", "2026-10-25T01:15:00Z", "2026-10-25T01:15:00Z"],
])("goes out %s", (_when, quiet_from, quiet_until, now, expected) => {
  const at = goesOutAt({ timezone: "Europe/Berlin", quiet_from, quiet_until }, new Date(now));
  expect(at).toEqual(new Date(expected));
});
