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
  expect(recurrenceText({ frequency, days_of_week, time_of_day: "02:30:00" })).toBe(text);
});
