import { formatInTimeZone } from "date-fns-tz";

/** What a schedule keeps. The periods are those of the calendar in `timezone`; weeks are ISO weeks, from Monday. */
export interface RetentionRules {
  timezone: string;
  retention_keep_last: number;
  retention_keep_daily: number;
  retention_keep_weekly: number;
  retention_keep_monthly: number;
  retention_keep_yearly: number;
}

/** A live set of the schedule, as far as retention looks at it. */
export interface RetainableSet {
  id: number;
  created_at: Date;
  status: "success" | "partial";
  is_pinned: boolean;
}

/** Why a set is kept: because it is pinned, is the newest fully successful one, or by which rules. */
export type KeepReason = "pinned" | "last_success" | "last" | "daily" | "weekly" | "monthly" | "yearly";

export interface RetentionPlan {
  /** In the order given, each with at least one reason. */
  kept: { id: number; reasons: KeepReason[] }[];
  /** In the order given. */
  removed: number[];
}

/** The name of the period in which a set was made; `yyyy-MM-dd` and ISO week `RRRR-II` of its instant. */
const periods: readonly { reason: KeepReason; count(rules: RetentionRules): number; of(day: Day): string }[] =
  [
    { reason: "daily", count: (rules) => rules.retention_keep_daily, of: (day) => day.date },
    { reason: "weekly", count: (rules) => rules.retention_keep_weekly, of: (day) => day.week },
    { reason: "monthly", count: (rules) => rules.retention_keep_monthly, of: (day) => day.date.slice(0, 7) },
    { reason: "yearly", count: (rules) => rules.retention_keep_yearly, of: (day) => day.date.slice(0, 4) },
  ];

interface Day {
  date: string;
  week: string;
}

/**
 * Decides which sets of one schedule stay. This is the only place that decides it: retention and its preview both ask
 * here.
 *
 * - A pinned set stays, and counts for no rule.
 * - Of the others, the newest N stay (`last`).
 * - Of the last N days that have a set, the newest set of each stays; weeks, months and years alike. Days without a
 *   set do not count. The rules are independent of each other: a set stays if any rule keeps it, and may serve
 *   several (as in restic's `forget`; Proxmox counts on after what an earlier rule has kept).
 * - The newest fully successful set stays, however old.
 *
 * Planning again what a plan has kept removes nothing more.
 * @param sets the schedule's live sets in any order; a higher id is a newer set
 */
export function planRetention(sets: readonly RetainableSet[], rules: RetentionRules): RetentionPlan {
  const reasons = new Map<number, KeepReason[]>(sets.map((set) => [set.id, []]));
  const keep = (set: RetainableSet, reason: KeepReason) => reasons.get(set.id)?.push(reason);
  const newestFirst = [...sets].sort((a, b) => b.id - a.id);

  for (const set of newestFirst) if (set.is_pinned) keep(set, "pinned");
  const lastSuccess = newestFirst.find((set) => set.status === "success");
  if (lastSuccess) keep(lastSuccess, "last_success");

  const counted = newestFirst.filter((set) => !set.is_pinned);
  for (const set of counted.slice(0, rules.retention_keep_last)) keep(set, "last");
  const asked = periods.filter((period) => period.count(rules) > 0);
  // Days of thousands of sets are worth finding only when a rule asks for them.
  const days = asked.length > 0 ? counted.map((set) => ({ set, day: dayOf(set, rules.timezone) })) : [];
  for (const period of asked) {
    const seen = new Set<string>();
    for (const { set, day } of days) {
      const name = period.of(day);
      if (seen.has(name)) continue;
      if (seen.size === period.count(rules)) break;
      seen.add(name);
      keep(set, period.reason);
    }
  }

  const plan: RetentionPlan = { kept: [], removed: [] };
  for (const { id } of sets) {
    const why = reasons.get(id) ?? [];
    if (why.length > 0) plan.kept.push({ id, reasons: why });
    else plan.removed.push(id);
  }
  return plan;
}

function dayOf(set: RetainableSet, timezone: string): Day {
  const [date = "", week = ""] = formatInTimeZone(set.created_at, timezone, "yyyy-MM-dd RRRR-II").split(" ");
  return { date, week };
}
