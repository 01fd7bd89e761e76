import { expect, test } from "vitest";
import { authorText } from "./author-text.ts";

test("who changed a policy is told on the viewer's clock, in the viewer's zone", () => {
  const entry = {
    who: "Ada Lovelace",
    at: "2026-11-24T13:30:00.000Z",
    activity: "Patch DeviceConfiguration",
  };
  expect(authorText(entry, "Europe/Berlin", "24")).toBe(
    "24 Nov 2026, 14:30 UTC+1 (Europe/Berlin), Ada Lovelace: Patch DeviceConfiguration",
  );
  expect(authorText(entry, "UTC", "12")).toBe(
    "24 Nov 2026, 1:30 pm UTC, Ada Lovelace: Patch DeviceConfiguration",
  );
});
