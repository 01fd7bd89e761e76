import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  countOccurrencesBetween,
  describeOccurrence,
  isKnownTimezone,
  nextOccurrence,
  nextOccurrences,
  normalizeTimeOfDay,
  occurrencesBetween,
  previousOccurrence,
  type RecurrenceRule,
} from "./recurrence.ts";

function daily(timezone: string, timeOfDay: string): RecurrenceRule {
  return { timezone, frequency: "daily", timeOfDay, daysOfWeek: null };
}

function weekly(timezone: string, timeOfDay: string, daysOfWeek: readonly number[]): RecurrenceRule {
  return { timezone, frequency: "weekly", timeOfDay, daysOfWeek };
}

function next(rule: RecurrenceRule, after: string, count: number): string[] {
  return nextOccurrences(rule, new Date(after), count).map(iso);
}

function iso(date: Date): string {
  return date.toISOString().replace(":00.000Z", "Z");
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("UTC", () => {
  it("runs daily at the same instant of each day, strictly after the given one", () => {
    expect(next(daily("UTC", "02:30"), "2026-02-27T02:30:00Z", 3)).toEqual([
      "2026-02-28T02:30Z",
      "2026-03-01T02:30Z",
      "2026-03-02T02:30Z",
    ]);
    expect(iso(nextOccurrence(daily("UTC", "02:30:00"), new Date("2026-02-27T02:29:59.999Z")))).toBe(
      "2026-02-27T02:30Z",
    );
  });

  it("runs weekly on the ISO days, over the end of week and year", () => {
    // 2026-12-31 is a Thursday.
    expect(next(weekly("UTC", "00:00", [7, 1, 4]), "2026-12-31T00:00:00Z", 4)).toEqual([
      "2027-01-03T00:00Z",
      "2027-01-04T00:00Z",
      "2027-01-07T00:00Z",
      "2027-01-10T00:00Z",
    ]);
  });

  it("goes back strictly before the given instant", () => {
    const rule = weekly("UTC", "06:00", [3]);
    expect(iso(previousOccurrence(rule, new Date("2026-11-25T06:00:00Z")))).toBe("2026-11-18T06:00Z");
    expect(iso(previousOccurrence(rule, new Date("2026-11-25T06:00:00.001Z")))).toBe("2026-11-25T06:00Z");
  });
});

describe("Europe/Berlin", () => {
  it("runs a skipped time shifted forward by the gap", () => {
    const rule = daily("Europe/Berlin", "02:30");
    expect(next(rule, "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T01:30Z",
      "2026-03-29T01:30Z",
      "2026-03-30T00:30Z",
    ]);
    expect(describeOccurrence(rule, new Date("2026-03-29T01:30:00Z"))).toEqual({
      instant: new Date("2026-03-29T01:30:00Z"),
      localDate: "2026-03-29",
      nominalTime: "02:30",
      actualTime: "03:30",
      shift: "gap",
      note: "02:30 does not exist on 29 March 2026 in Europe/Berlin; runs at 03:30",
    });
  });

  it("keeps the times at the edges of the gap", () => {
    expect(next(daily("Europe/Berlin", "01:59"), "2026-03-29T00:00:00Z", 1)).toEqual(["2026-03-29T00:59Z"]);
    expect(next(daily("Europe/Berlin", "02:00"), "2026-03-29T00:00:00Z", 1)).toEqual(["2026-03-29T01:00Z"]);
    expect(next(daily("Europe/Berlin", "03:00"), "2026-03-29T00:00:00Z", 1)).toEqual(["2026-03-29T01:00Z"]);
    expect(describeOccurrence(daily("Europe/Berlin", "03:00"), new Date("2026-03-29T01:00:00Z")).shift).toBe(
      "none",
    );
  });

  it("runs a time that occurs twice once, at the first", () => {
    const rule = daily("Europe/Berlin", "02:30");
    expect(next(rule, "2026-10-24T12:00:00Z", 2)).toEqual(["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
    expect(iso(previousOccurrence(rule, new Date("2026-10-25T01:30:00Z")))).toBe("2026-10-25T00:30Z");
    expect(describeOccurrence(rule, new Date("2026-10-25T00:30:00Z"))).toEqual({
      instant: new Date("2026-10-25T00:30:00Z"),
      localDate: "2026-10-25",
      nominalTime: "02:30",
      actualTime: "02:30",
      shift: "overlap",
      note: "02:30 occurs twice on 25 October 2026 in Europe/Berlin; runs at the first (UTC+2)",
    });
  });

  it("counts a year with both changes as 365 occurrences", () => {
    const from = new Date("2025-12-31T23:00:00Z");
    const to = new Date("2026-12-31T22:59:59Z");
    expect(countOccurrencesBetween(daily("Europe/Berlin", "02:30"), from, to)).toBe(365);
    expect(countOccurrencesBetween(weekly("Europe/Berlin", "02:30", [7]), from, to)).toBe(52);
  });
});

describe("America/New_York", () => {
  it("shifts 02:30 on 8 March 2026 and takes the first 01:30 on 1 November", () => {
    expect(next(daily("America/New_York", "02:30"), "2026-03-08T00:00:00Z", 2)).toEqual([
      "2026-03-08T07:30Z",
      "2026-03-09T06:30Z",
    ]);
    const rule = weekly("America/New_York", "01:30", [7]);
    expect(next(rule, "2026-11-01T00:00:00Z", 2)).toEqual(["2026-11-01T05:30Z", "2026-11-08T06:30Z"]);
    expect(describeOccurrence(rule, new Date("2026-11-01T05:30:00Z")).note).toBe(
      "01:30 occurs twice on 1 November 2026 in America/New_York; runs at the first (UTC-4)",
    );
  });
});

describe("Australia/Lord_Howe", () => {
  it("shifts by its half hour only", () => {
    const rule = daily("Australia/Lord_Howe", "02:15");
    expect(next(rule, "2026-10-03T00:00:00Z", 3)).toEqual([
      "2026-10-03T15:45Z",
      "2026-10-04T15:15Z",
      "2026-10-05T15:15Z",
    ]);
    expect(describeOccurrence(rule, new Date("2026-10-03T15:45:00Z")).note).toBe(
      "02:15 does not exist on 4 October 2026 in Australia/Lord_Howe; runs at 02:45",
    );
  });

  it("takes the first of two, and names offsets with minutes", () => {
    const rule = daily("Australia/Lord_Howe", "01:45");
    expect(next(rule, "2026-04-04T00:00:00Z", 2)).toEqual(["2026-04-04T14:45Z", "2026-04-05T15:15Z"]);
    expect(describeOccurrence(rule, new Date("2026-04-04T14:45:00Z")).note).toBe(
      "01:45 occurs twice on 5 April 2026 in Australia/Lord_Howe; runs at the first (UTC+11)",
    );
    expect(
      describeOccurrence(daily("America/St_Johns", "01:15"), new Date("2026-11-01T03:45:00Z")).note,
    ).toBe("01:15 occurs twice on 1 November 2026 in America/St_Johns; runs at the first (UTC-2:30)");
  });
});

describe("Pacific/Apia, which skipped 30 December 2011", () => {
  it("makes one occurrence of the skipped day's and the next", () => {
    const rule = daily("Pacific/Apia", "02:30");
    expect(next(rule, "2011-12-28T13:00:00Z", 3)).toEqual([
      "2011-12-29T12:30Z",
      "2011-12-30T12:30Z",
      "2011-12-31T12:30Z",
    ]);
    expect(describeOccurrence(rule, new Date("2011-12-30T12:30:00Z"))).toMatchObject({
      localDate: "2011-12-31",
      shift: "none",
      note: null,
    });
    expect(iso(previousOccurrence(rule, new Date("2011-12-31T12:30:00Z")))).toBe("2011-12-30T12:30Z");
    expect(
      countOccurrencesBetween(rule, new Date("2011-12-28T13:00:00Z"), new Date("2011-12-31T12:30:00Z")),
    ).toBe(3);
  });

  it("runs a weekly Friday that does not exist on the day after, and says so", () => {
    const fridays = weekly("Pacific/Apia", "02:30", [5]);
    expect(next(fridays, "2011-12-24T00:00:00Z", 2)).toEqual(["2011-12-30T12:30Z", "2012-01-05T12:30Z"]);
    expect(describeOccurrence(fridays, new Date("2011-12-30T12:30:00Z"))).toEqual({
      instant: new Date("2011-12-30T12:30:00Z"),
      localDate: "2011-12-30",
      nominalTime: "02:30",
      actualTime: "02:30",
      shift: "gap",
      note: "30 December 2011 does not exist in Pacific/Apia; runs at 02:30 on 31 December 2011",
    });
  });
});

describe("Pacific/Kwajalein, which skipped 21 August 1993", () => {
  it("makes one occurrence of the skipped day's and the next", () => {
    const rule = daily("Pacific/Kwajalein", "23:15");
    const expected = ["1993-08-20T11:15Z", "1993-08-21T11:15Z", "1993-08-22T11:15Z", "1993-08-23T11:15Z"];
    expect(next(rule, "1993-08-20T00:00:00Z", 4)).toEqual(expected);
    expect(
      occurrencesBetween(rule, new Date("1993-08-20T00:00:00Z"), new Date("1993-08-23T11:15:00Z")).map(iso),
    ).toEqual(expected);
  });

  it("runs a weekly Saturday that does not exist on the Sunday", () => {
    const saturdays = weekly("Pacific/Kwajalein", "23:15", [6]);
    expect(next(saturdays, "1993-08-16T00:00:00Z", 2)).toEqual(["1993-08-22T11:15Z", "1993-08-28T11:15Z"]);
    expect(next(weekly("Pacific/Kwajalein", "23:15", [6, 7]), "1993-08-20T12:00:00Z", 2)).toEqual([
      "1993-08-22T11:15Z",
      "1993-08-28T11:15Z",
    ]);
  });
});

describe("changes at midnight", () => {
  it("names the other date when a gap moves an occurrence past midnight (America/Nuuk)", () => {
    const saturdays = weekly("America/Nuuk", "23:30", [6]);
    expect(next(saturdays, "2026-03-29T01:00:00Z", 1)).toEqual(["2026-03-29T01:30Z"]);
    expect(describeOccurrence(saturdays, new Date("2026-03-29T01:30:00Z"))).toMatchObject({
      localDate: "2026-03-28",
      actualTime: "00:30",
      shift: "gap",
      note: "23:30 does not exist on 28 March 2026 in America/Nuuk; runs at 00:30 on 29 March 2026",
    });
  });

  it("finds today's past occurrence while the clock shows yesterday again (America/St_Johns)", () => {
    // On 29 October 2006 at 00:01 the clock went back to 23:01 of the 28th.
    const rule = daily("America/St_Johns", "00:00");
    expect(iso(previousOccurrence(rule, new Date("2006-10-29T02:45:00Z")))).toBe("2006-10-29T02:30Z");
    expect(next(rule, "2006-10-29T02:45:00Z", 1)).toEqual(["2006-10-30T03:30Z"]);
  });
});

describe("spans and counts", () => {
  const rule = daily("UTC", "12:00");

  it("excludes the start, includes the end, and is empty the wrong way round", () => {
    const noon = (day: number) => new Date(Date.UTC(2026, 0, day, 12));
    expect(occurrencesBetween(rule, noon(1), noon(3))).toEqual([noon(2), noon(3)]);
    expect(countOccurrencesBetween(rule, noon(1), noon(3))).toBe(2);
    expect(occurrencesBetween(rule, noon(3), noon(1))).toEqual([]);
    expect(countOccurrencesBetween(rule, noon(3), noon(3))).toBe(0);
  });

  it("gives no occurrences when none are asked for", () => {
    expect(nextOccurrences(rule, new Date("2026-01-01T00:00:00Z"), 0)).toEqual([]);
  });
});

describe("bad input", () => {
  const after = new Date("2026-01-01T00:00:00Z");
  const good = daily("UTC", "02:30");

  it.each<[string, Partial<Record<keyof RecurrenceRule, unknown>>]>([
    ["timezone", { timezone: "Mars/Olympus_Mons" }],
    ["timezone", { timezone: "+02:00" }],
    ["timezone", { timezone: "" }],
    ["timezone", { timezone: undefined }],
    ["timeOfDay", { timeOfDay: "24:00" }],
    ["timeOfDay", { timeOfDay: "2:30" }],
    ["timeOfDay", { timeOfDay: "02:30:15" }],
    ["frequency", { frequency: "hourly" }],
    ["daysOfWeek", { daysOfWeek: [1] }],
    ["daysOfWeek", { frequency: "weekly", daysOfWeek: null }],
    ["daysOfWeek", { frequency: "weekly", daysOfWeek: [] }],
    ["daysOfWeek", { frequency: "weekly", daysOfWeek: [0] }],
    ["daysOfWeek", { frequency: "weekly", daysOfWeek: [8] }],
    ["daysOfWeek", { frequency: "weekly", daysOfWeek: [1.5] }],
    ["daysOfWeek", { frequency: "weekly", daysOfWeek: [1, 2, 1] }],
  ])("names %s: %j", (field, fault) => {
    const rule = { ...good, ...fault } as RecurrenceRule;
    for (const ask of [
      () => nextOccurrence(rule, after),
      () => nextOccurrences(rule, after, 1),
      () => previousOccurrence(rule, after),
      () => occurrencesBetween(rule, after, after),
      () => countOccurrencesBetween(rule, after, after),
      () => describeOccurrence(rule, after),
    ]) {
      expect(ask).toThrow(RangeError);
      expect(ask).toThrow(new RegExp(`^${field} `));
    }
  });

  it("names the date that is none, or too far away", () => {
    const none = new Date(Number.NaN);
    expect(() => nextOccurrence(good, none)).toThrow(/^after /);
    expect(() => nextOccurrences(good, none, 1)).toThrow(/^after /);
    expect(() => previousOccurrence(good, none)).toThrow(/^before /);
    expect(() => occurrencesBetween(good, none, after)).toThrow(/^from /);
    expect(() => occurrencesBetween(good, after, none)).toThrow(/^to /);
    expect(() => countOccurrencesBetween(good, after, none)).toThrow(/^to /);
    expect(() => nextOccurrence(good, new Date(8.64e15))).toThrow(/^after /);
    expect(iso(nextOccurrence(good, new Date(0)))).toBe("1970-01-01T02:30Z");
  });

  it("names a count that is none", () => {
    for (const count of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => nextOccurrences(good, after, count)).toThrow(/^count /);
    }
  });

  it("refuses to describe what is no occurrence of the rule", () => {
    expect(() => describeOccurrence(good, after)).toThrow(/^occurrence 2026-01-01T00:00:00.000Z /);
    // A Monday, and the rule runs on Tuesdays.
    const tuesdays = weekly("UTC", "02:30", [2]);
    expect(() => describeOccurrence(tuesdays, new Date("2026-11-23T02:30:00Z"))).toThrow(RangeError);
    // The second 02:30: the rule ran at the first.
    const berlin = daily("Europe/Berlin", "02:30");
    expect(() => describeOccurrence(berlin, new Date("2026-10-25T01:30:00Z"))).toThrow(RangeError);
  });
});

describe("isKnownTimezone", () => {
  it("knows every zone that the runtime lists, and IANA's links", () => {
    expect(Intl.supportedValuesOf("timeZone").filter((zone) => !isKnownTimezone(zone))).toEqual([]);
    const links = [
      "UTC",
      "Etc/UTC",
      "GMT",
      "Zulu",
      "Etc/GMT+5",
      "US/Pacific",
      "EST",
      "EST5EDT",
      "Europe/Kyiv",
      "W-SU",
    ];
    expect(links.filter((zone) => !isKnownTimezone(zone))).toEqual([]);
  });

  it.each([
    "",
    " ",
    "UTC ",
    " UTC",
    "utc",
    "europe/berlin",
    "EUROPE/BERLIN",
    "Europe/Atlantis",
    "Europe/",
    "+02:00",
    "-0500",
    "UTC+2",
    "GMT+1",
    "Z",
    "PST",
    "IST",
    "SystemV/PST8",
    "Etc/Unknown",
    "../Europe/Berlin",
    "Europe/Berlin\n",
    "constructor",
  ])("refuses %j", (timezone) => {
    expect(isKnownTimezone(timezone)).toBe(false);
  });
});

describe("normalizeTimeOfDay", () => {
  it.each([
    ["00:00", "00:00:00"],
    ["23:59", "23:59:00"],
    ["02:30:00", "02:30:00"],
    ["24:00", null],
    ["02:60", null],
    ["2:30", null],
    ["02:30:01", null],
    ["02:30:0", null],
    ["02:30 ", null],
    ["0230", null],
    ["", null],
  ])("%j becomes %j", (text, normalized) => {
    expect(normalizeTimeOfDay(text)).toBe(normalized);
  });
});

describe("the module", () => {
  const rules = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"].flatMap((timezone) =>
    ["01:30", "02:15", "02:30", "03:00"].map((time) => daily(timezone, time)),
  );
  const changes = ["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"];

  it.each(["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])(
    "is loaded by Node alone, and answers the same in a process whose own zone is %s",
    (TZ) => {
      const script = `
        const { nextOccurrences } = await import(${JSON.stringify(new URL("recurrence.ts", import.meta.url))});
        const instants = ${JSON.stringify(rules)}.flatMap((rule) =>
          ${JSON.stringify(changes)}.flatMap((day) => nextOccurrences(rule, new Date(day), 3)));
        console.log(JSON.stringify([Intl.DateTimeFormat().resolvedOptions().timeZone, ...instants]));`;
      const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
        env: { ...process.env, TZ },
        encoding: "utf8",
      });
      const expected = rules.flatMap((rule) =>
        changes.flatMap((day) => nextOccurrences(rule, new Date(day), 3)),
      );
      expect(JSON.parse(output)).toEqual([TZ, ...expected.map((instant) => instant.toISOString())]);
    },
  );

  it("asks the runtime for no offset twice", () => {
    const rules = ["00:00", "02:30", "12:00", "23:59"].map((time) => weekly("Europe/Berlin", time, [1, 7]));
    const after = new Date("2026-03-28T12:00:00Z");
    for (const rule of rules) nextOccurrences(rule, after, 5);
    const reads = vi.spyOn(Intl.DateTimeFormat.prototype, "formatToParts");
    for (const rule of rules) nextOccurrences(rule, after, 5);
    expect(reads).not.toHaveBeenCalled();
    nextOccurrence(daily("Europe/Berlin", "02:30"), new Date("2031-03-28T12:00:00Z"));
    expect(reads).toHaveBeenCalled();
  });
});
