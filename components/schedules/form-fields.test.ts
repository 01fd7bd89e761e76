import { expect, test } from "vitest";
import { scheduleCreateSchema } from "#lib/schedules/schema";
import { changedFields, fieldLabels } from "./form-fields.ts";

test("every field that can be edited has a label", () => {
  expect(Object.keys(fieldLabels).sort()).toEqual(Object.keys(scheduleCreateSchema.shape).sort());
});

test("what differs between two versions is named as the form names it", () => {
  const before = { name: "Nightly", days_of_week: null, policy_types: ["deviceConfiguration"] };
  expect(changedFields(before, { ...before, policy_types: ["deviceConfiguration"] })).toEqual([]);
  expect(changedFields(before, { ...before, name: "Weekly", days_of_week: [1] })).toEqual(["Name", "Days"]);
});
