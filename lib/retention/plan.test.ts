import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planRetention, type RetainableSet } from "./plan.ts";
import {
  periodFields,
  perRule,
  type RetentionField,
  type RetentionRules,
  retentionFieldNames,
  retentionRules,
} from "./rules.ts";

const off: RetentionRules = {
  timezone: "UTC",
  ...perRule(({ min }) => min),
};

/** Sets with ids 1, 2, … made at these instants; `p` after one means partial, `!` pinned. */
function history(...instants: string[]): RetainableSet[] {
  return instants.map((text, index) => ({
    id: index + 1,
    created_at: new Date(text.replace(/[p!]+$/, "")),
    status: text.includes("p") ? "partial" : "success",
    is_pinned: text.endsWith("!"),
  }));
}

const removed = (sets: RetainableSet[], rules: Partial<RetentionRules>) =>
  planRetention(sets, { ...off, ...rules }).removed;
const keptBy = (sets: RetainableSet[], rules: Partial<RetentionRules>) =>
  Object.fromEntries(planRetention(sets, { ...off, ...rules }).kept.map((set) => [set.id, set.reasons]));

describe("keep last", () => {
  const days = history("2026-01-01T02:00Z", "2026-01-02T02:00Z", "2026-01-03T02:00Z", "2026-01-04T02:00Z");

  test("keeps the newest N", () => {
    expect(removed(days, { retention_keep_last: 2 })).toEqual([1, 2]);
    expect(removed(days, { retention_keep_last: 4 })).toEqual([]);
    expect(removed(days, { retention_keep_last: 400 })).toEqual([]);
    expect(removed([], {})).toEqual([]);
  });

  test("passes pinned sets over and does not count them", () => {
    const pinned = history(
      "2026-01-01T02:00Z",
      "2026-01-02T02:00Z!",
      "2026-01-03T02:00Z",
      "2026-01-04T02:00Z!",
    );
    expect(removed(pinned, { retention_keep_last: 1 })).toEqual([1]);
    expect(keptBy(pinned, {})).toEqual({ 2: ["pinned"], 3: ["last"], 4: ["pinned", "last_success"] });
  });

  test("never removes the newest fully successful set", () => {
    const failing = history(
      "2026-01-01T02:00Z",
      "2026-01-02T02:00Z",
      "2026-01-03T02:00Zp",
      "2026-01-04T02:00Zp",
    );
    expect(removed(failing, { retention_keep_last: 1 })).toEqual([1, 3]);
  });
});

describe("keep by period", () => {
  test("daily: the newest set of each of the last N days that have one, gaps not counted", () => {
    const sets = history(
      "2026-01-01T02:00Z",
      "2026-01-01T14:00Z",
      "2026-01-05T02:00Z",
      "2026-01-09T02:00Z",
      "2026-01-09T14:00Z",
    );
    expect(removed(sets, { retention_keep_daily: 2 })).toEqual([1, 2, 4]);
    expect(removed(sets, { retention_keep_daily: 3 })).toEqual([1, 4]);
    expect(keptBy(sets, { retention_keep_daily: 3 })).toEqual({
      2: ["daily"],
      3: ["daily"],
      5: ["last_success", "last", "daily"],
    });
  });

  test("days are those of the schedule's zone", () => {
    // 23:30 and 00:30 in Auckland; one day in UTC.
    const sets = history("2026-06-01T11:30Z", "2026-06-01T12:30Z");
    expect(removed(sets, { retention_keep_daily: 2, timezone: "UTC" })).toEqual([1]);
    expect(removed(sets, { retention_keep_daily: 2, timezone: "Pacific/Auckland" })).toEqual([]);
  });

  test("days are those of UTC where the schedule's zone is not known any more", () => {
    const sets = history("2026-06-01T11:30Z", "2026-06-01T12:30Z", "2026-06-02T11:30Z");
    expect(removed(sets, { retention_keep_daily: 2, timezone: "Europe/Atlantis" })).toEqual([1]);
  });

  test("a day of 25 hours is one day", () => {
    const sets = history("2026-10-24T22:10Z", "2026-10-25T22:50Z");
    expect(removed(sets, { retention_keep_daily: 2, timezone: "Europe/Berlin" })).toEqual([1]);
  });

  test("weeks are ISO weeks, over the turn of the year too", () => {
    // Thursday 2026-12-31, Sunday 2027-01-03 (both week 53 of 2026), Monday 2027-01-04.
    const sets = history("2026-12-31T02:00Z", "2027-01-03T02:00Z", "2027-01-04T02:00Z");
    expect(removed(sets, { retention_keep_weekly: 2 })).toEqual([1]);
    expect(removed(sets, { retention_keep_yearly: 2 })).toEqual([2]);
  });

  test("rules are independent: a set may serve several, and stays if any keeps it", () => {
    const sets = history(
      "2024-07-01T02:00Z",
      "2025-03-01T02:00Z",
      "2025-12-31T02:00Z",
      "2026-01-15T02:00Z",
      "2026-02-27T02:00Z",
      "2026-02-28T02:00Z",
    );
    const rules = { retention_keep_daily: 2, retention_keep_monthly: 3, retention_keep_yearly: 2 };
    expect(keptBy(sets, rules)).toEqual({
      3: ["monthly", "yearly"],
      4: ["monthly"],
      5: ["daily"],
      6: ["last_success", "last", "daily", "monthly", "yearly"],
    });
    expect(removed(sets, rules)).toEqual([1, 2]);
  });
});

describe("any history of runs, pins, removals and changes of the rules", () => {
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kolkata");
  const rulesOf = fc.record({
    timezone: zone,
    ...perRule(({ min }) => fc.integer({ min, max: min + 5 })),
  });
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        run: fc.constantFrom("success" as const, "partial" as const),
        hours: fc.integer({ min: 1, max: 2000 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ pin: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ rules: rulesOf }) },
  );

  /** The calendar of another library than the code's. A rule that is missing here does not compile. */
  function calendar(
    set: RetainableSet,
    timezone: string,
  ): Record<Exclude<RetentionField, "retention_keep_last">, string> {
    const parts = new Intl.DateTimeFormat("en-CA", {
      timeZone: timezone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    }).format(set.created_at);
    const day = Date.parse(`${parts}T00:00:00Z`) / 86_400_000;
    return {
      retention_keep_daily: parts,
      retention_keep_weekly: String(Math.floor((day + 3) / 7)),
      retention_keep_monthly: parts.slice(0, 7),
      retention_keep_yearly: parts.slice(0, 4),
    };
  }

  test("never removes a pinned set, the last good one, or one that a rule keeps; and converges at once", () => {
    fc.assert(
      fc.property(rulesOf, fc.array(step, { maxLength: 80 }), (first, steps) => {
        let rules: RetentionRules = first;
        let live: RetainableSet[] = [];
        let clock = Date.UTC(2025, 10, 1);
        let id = 0;
        for (const each of steps) {
          if ("run" in each) {
            clock += each.hours * 3_600_000;
            id += 1;
            live.push({ id, created_at: new Date(clock), status: each.run, is_pinned: false });
          } else if ("pin" in each) {
            live = live.map((set, index) =>
              index === each.pin % live.length ? { ...set, is_pinned: !set.is_pinned } : set,
            );
          } else rules = each.rules;

          const plan = planRetention(live, rules);
          const gone = new Set(plan.removed);
          const newest = [...live].sort((a, b) => b.id - a.id);
          expect(plan.kept.length + plan.removed.length).toBe(live.length);
          for (const set of live) if (set.is_pinned) expect(gone).not.toContain(set.id);
          const good = newest.find((set) => set.status === "success");
          if (good) expect(gone).not.toContain(good.id);
          const counted = newest.filter((set) => !set.is_pinned);
          const must = new Set(counted.slice(0, rules.retention_keep_last).map((set) => set.id));
          for (const field of periodFields) {
            if (field === "retention_keep_last") continue;
            const groups = Object.values(
              Object.groupBy(counted, (set) => ` ${calendar(set, rules.timezone)[field]}`),
            );
            const newestOfEach = groups.flatMap((group) => group?.[0]?.id ?? []).sort((a, b) => b - a);
            for (const kept of newestOfEach.slice(0, rules[field])) must.add(kept);
          }
          // Exactly these: nothing that a rule keeps goes, and nothing stays without one.
          const may = new Set([
            ...must,
            ...(good ? [good.id] : []),
            ...live.filter((set) => set.is_pinned).map((set) => set.id),
          ]);
          expect(new Set(plan.kept.map((set) => set.id))).toEqual(may);

          live = live.filter((set) => !gone.has(set.id));
          expect(planRetention(live, rules).removed).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  }, 120_000);
});

test.each(retentionFieldNames)("%s keeps as many sets as it says, for its own reason", (field) => {
  // Each in a period of its own, whatever the periods are.
  const sets = Array.from({ length: 5 }, (_, index) => ({
    id: index + 1,
    created_at: new Date(Date.UTC(2020 + index, 6, 7 * index + 1, 3 * index)),
    status: "partial" as const,
    is_pinned: false,
  }));
  const { reason } = retentionRules[field];
  const { kept } = planRetention(sets, { ...off, [field]: 3 });
  expect(kept.filter(({ reasons }) => reasons.includes(reason)).map(({ id }) => id)).toEqual([3, 4, 5]);
});
