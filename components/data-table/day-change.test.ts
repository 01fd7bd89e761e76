import { expect, test } from "vitest";
import { dayChange } from "./day-change.ts";

const nothing = { fromDay: "", toDay: "", zone: "Europe/Berlin" };

test("a day that is chosen leaves the other one as the address has it by then", () => {
  expect(dayChange("from", "2026-11-20", nothing, "Europe/Paris")).toEqual({
    from: "2026-11-20",
    range: "dates",
    zone: "Europe/Paris",
  });
  // The page still shows nothing of the first day when the second one is chosen.
  expect(dayChange("to", "2026-11-24", nothing, "Europe/Paris")).toEqual({
    to: "2026-11-24",
    range: "dates",
    zone: "Europe/Paris",
  });
});

test("days of an address stay in its zone", () => {
  const shown = { fromDay: "2026-11-20", toDay: "", zone: "Asia/Tokyo" };
  expect(dayChange("to", "2026-11-24", shown, "Europe/Paris")).toMatchObject({ zone: "Asia/Tokyo" });
});
