import { describe, expect, test } from "vitest";
import {
  dateTimeText,
  durationText,
  fullText,
  offsetLabel,
  relativeText,
  weekdayDateText,
} from "./format.ts";

const now = Date.UTC(2026, 10, 23, 20, 0);
const at = (milliseconds: number) => now + milliseconds;

describe("an instant", () => {
  test("reads as the wall clock of the zone it is shown in", () => {
    expect(dateTimeText("2026-11-23T23:30:00Z", "Europe/Berlin", "24")).toBe("24 Nov 2026, 00:30");
    expect(dateTimeText("2026-11-23T23:30:00Z", "America/St_Johns", "24")).toBe("23 Nov 2026, 20:00");
    expect(weekdayDateText("2026-11-23T23:30:00Z", "Europe/Berlin")).toBe("Tue 24 Nov 2026");
  });

  test("reads on a clock of twelve hours, with noon and midnight", () => {
    const on12 = (iso: string) => dateTimeText(iso, "UTC", "12");
    expect(on12("2026-11-23T00:05:00Z")).toBe("23 Nov 2026, 12:05 am");
    expect(on12("2026-11-23T09:30:00Z")).toBe("23 Nov 2026, 9:30 am");
    expect(on12("2026-11-23T12:00:00Z")).toBe("23 Nov 2026, 12:00 pm");
    expect(on12("2026-11-23T23:59:00Z")).toBe("23 Nov 2026, 11:59 pm");
    expect(fullText("2026-07-01T10:00:00Z", "Europe/Berlin", "12")).toBe(
      "1 Jul 2026, 12:00 pm UTC+2 (Europe/Berlin)",
    );
  });

  test("names the offset that is valid at that instant", () => {
    expect(fullText("2026-07-01T10:00:00Z", "Europe/Berlin", "24")).toBe(
      "1 Jul 2026, 12:00 UTC+2 (Europe/Berlin)",
    );
    expect(fullText("2026-12-01T10:00:00Z", "Europe/Berlin", "24")).toBe(
      "1 Dec 2026, 11:00 UTC+1 (Europe/Berlin)",
    );
    expect(fullText("2026-12-01T10:00:00Z", "UTC", "24")).toBe("1 Dec 2026, 10:00 UTC");
  });

  test("reads on UTC's clock where the zone is not known here", () => {
    expect(dateTimeText("2026-11-23T23:30:00Z", "Europe/Atlantis", "24")).toBe("23 Nov 2026, 23:30");
    expect(offsetLabel(now, "Europe/Atlantis")).toBe("UTC");
  });

  test("has half-hour and negative offsets", () => {
    expect(offsetLabel(now, "Asia/Kolkata")).toBe("UTC+5:30");
    expect(offsetLabel(now, "America/St_Johns")).toBe("UTC−3:30");
  });
});

test("every quarter of an hour of a year reads as Intl says, in zones with odd offsets and clock changes", () => {
  for (const zone of [
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Apia",
  ]) {
    const intl = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    for (let quarter = 0; quarter < 366 * 96; quarter += 1) {
      const instant = Date.UTC(2026, 0, 1) + quarter * 15 * 60_000;
      const expected = intl.format(instant).replace("Sept", "Sep");
      if (dateTimeText(instant, zone, "24") !== expected)
        expect(dateTimeText(instant, zone, "24"), zone).toBe(expected);
    }
  }
});

test.each([
  [-10_000, "just now"],
  [10_000, "just now"],
  [-50_000, "1 min ago"],
  [30_000, "in under a minute"],
  [-5 * 60_000, "5 min ago"],
  [3_590_000, "in 1 h"],
  [21 * 3_600_000, "in 21 h"],
  [-72 * 3_600_000, "3 days ago"],
  [90 * 86_400_000, "in 3 months"],
])("an instant %d ms from now is %s", (distance, words) => {
  expect(relativeText(at(distance), now)).toBe(words);
});

test.each([
  [850, "850 ms"],
  [12_400, "12 s"],
  [60_000, "1 min"],
  [200_000, "3 min 20 s"],
  [7_500_000, "2 h 5 min"],
])("%d ms last %s", (milliseconds, words) => {
  expect(durationText(milliseconds)).toBe(words);
});
