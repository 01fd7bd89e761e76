import { expect, test } from "vitest";
import { recurrenceText } from "./describe.ts";

test.each([
  ["daily", null, "Daily at 02:30"],
  ["weekly", [1], "Mon at 02:30"],
  ["weekly", [4, 1], "Mon, Thu at 02:30"],
  ["weekly", [1, 2, 3, 4, 5], "Mon–Fri at 02:30"],
  ["weekly", [6, 7], "Sat, Sun at 02:30"],
  ["weekly", [7, 6, 5, 4, 3, 2, 1], "Daily at 02:30"],
] as const)("a %s schedule on %j is due %s", (frequency, days_of_week, text) => {
  expect(recurrenceText({ frequency, days_of_week, time_of_day: "02:30:00" }, "24")).toBe(text);
});

test.each([
  ["00:05:00", "Daily at 12:05 am"],
  ["02:30:00", "Daily at 2:30 am"],
  ["12:00:00", "Daily at 12:00 pm"],
  ["23:59:00", "Daily at 11:59 pm"],
])("on a clock of twelve hours %s is %s", (time_of_day, text) => {
  expect(recurrenceText({ frequency: "daily", days_of_week: null, time_of_day }, "12")).toBe(text);
});
