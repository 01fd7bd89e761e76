import { expect, test } from "vitest";
import { scheduleCreateSchema } from "#lib/schedules/schema";
import { changedFields, changedValues, fieldLabels } from "./form-fields.ts";

test("every field that can be edited has a label", () => {
  expect(Object.keys(fieldLabels).sort()).toEqual(Object.keys(scheduleCreateSchema.shape).sort());
});

test("what differs between two versions is named as the form names it", () => {
  const before = { name: "Nightly", days_of_week: null, policy_types: ["deviceConfiguration"] };
  expect(changedFields(before, { ...before, policy_types: ["deviceConfiguration"] })).toEqual([]);
  expect(changedFields(before, { ...before, name: "Weekly", days_of_week: [1] })).toEqual(["Name", "Days"]);
});

test("an edit sends what a person changed, and nothing else", () => {
  const before = {
    ...scheduleCreateSchema.parse({
      name: "Nightly",
      timezone: "UTC",
      frequency: "weekly",
      days_of_week: [1, 3],
      time_of_day: "02:00",
      policy_types: ["deviceConfiguration", "deviceCompliancePolicy"],
    }),
    time_of_day: "02:00",
  };
  const unchanged = scheduleCreateSchema.parse(before);
  expect(changedValues(before, unchanged)).toEqual({});
  expect(
    changedValues(before, {
      ...unchanged,
      days_of_week: [3, 1],
      policy_types: before.policy_types.toReversed(),
    }),
  ).toEqual({});
  expect(changedValues(before, { ...unchanged, name: "Hourly", time_of_day: "02:30:00" })).toEqual({
    name: "Hourly",
    time_of_day: "02:30:00",
  });
  expect(changedValues(before, { ...unchanged, frequency: "daily", days_of_week: null })).toEqual({
    frequency: "daily",
    days_of_week: null,
  });
});
