import { expect, test } from "vitest";
import type { HourClock } from "#lib/access/preferences-schema";
import type { RuleView } from "#lib/alerts/schema";
import { ruleInWords } from "./rule-words.ts";

const rule: RuleView = {
  id: 1,
  target_id: 1,
  is_enabled: true,
  kinds: [],
  least_severity: "warning",
  schedule_ids: [],
  policy_types: [],
  tells_recovery: true,
  timezone: "Europe/Berlin",
  quiet_from: null,
  quiet_until: null,
  repeat_hours: null,
  digest: null,
  created_at: "2026-11-30T00:00:00.000Z",
};
const inWords = (changes: Partial<RuleView>, clock: HourClock = "24") =>
  ruleInWords({ ...rule, ...changes }, (id) => (id === 4 ? "Nightly" : undefined), clock);

test("a rule says all that it narrows, by names", () => {
  expect(inWords({})).toBe("Warnings and worse");
  expect(
    inWords({
      least_severity: "info",
      kinds: ["run.failed", "backup.overdue"],
      schedule_ids: [4, 5],
      policy_types: ["conditionalAccessPolicy"],
      quiet_from: "22:00",
      quiet_until: "07:00",
      repeat_hours: 24,
      tells_recovery: false,
      is_enabled: false,
    }),
  ).toBe(
    "Everything; of Backup failed, Backup overdue; in Nightly, schedule 5; about Conditional access policies; " +
      "quiet from 22:00 until 07:00 (Europe/Berlin); told again every day; not told when it is over; disabled",
  );
  expect(inWords({ digest: "weekly", tells_recovery: false })).toBe("A digest, on Mondays");
});

test("quiet hours are told on the clock that the viewer reads", () => {
  expect(inWords({ quiet_from: "22:00", quiet_until: "07:30" }, "12")).toBe(
    "Warnings and worse; quiet from 10:00 pm until 7:30 am (Europe/Berlin)",
  );
});
