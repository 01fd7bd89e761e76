import { formatInTimeZone } from "date-fns-tz";
import { isKnownTimezone } from "#lib/recurrence/recurrence";
import {
  periodFields,
  type RetentionField,
  type RetentionRules,
  retentionFieldNames,
  retentionRules,
} from "./rules.ts";

/** A live set of the schedule, as far as retention looks at it. */
export interface RetainableSet {
  id: number;
  created_at: Date;
  status: "success" | "partial";
  is_pinned: boolean;
}

/** Why a set is kept: because it is pinned, is the newest fully successful one, or by which rules. */
export type KeepReason = (typeof keepReasons)[number];
export const keepReasons = [
  "pinned",
  "last_success",
  ...retentionFieldNames.map((field) => retentionRules[field].reason),
] as const;

export interface RetentionPlan {
  /** In the order given, each with at least one reason. */
  kept: { id: number; reasons: KeepReason[] }[];
  /** In the order given. */
  removed: number[];
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
 * - The calendar is the schedule's, or UTC's where this runtime does not know its zone (any more).
 *
 * Planning again what a plan has kept removes nothing more.
 * @param sets the schedule's live sets in any order; a higher id is a newer set
 */
export function planRetention(sets: readonly RetainableSet[], rules: RetentionRules): RetentionPlan {
  const reasons = new Map<number, KeepReason[]>(sets.map((set) => [set.id, []]));
  const keep = (set: RetainableSet, reason: KeepReason) => reasons.get(set.id)?.push(reason);
  // An update may have taken the zone away: then days begin at another hour, rather than nothing being removed any more.
  const timezone = isKnownTimezone(rules.timezone) ? rules.timezone : "UTC";
  const newestFirst = [...sets].sort((a, b) => b.id - a.id);

  for (const set of newestFirst) if (set.is_pinned) keep(set, "pinned");
  const lastSuccess = newestFirst.find((set) => set.status === "success");
  if (lastSuccess) keep(lastSuccess, "last_success");

  const counted = newestFirst.filter((set) => !set.is_pinned);
  const asked = periodFields.filter((field) => rules[field] > 0);
  // Periods of thousands of sets are worth finding only when a rule asks for them.
  const named =
    asked.length > 0 ? counted.map((set) => ({ set, periods: periodsOf(set, asked, timezone) })) : [];
  for (const field of retentionFieldNames) {
    const { reason, period } = retentionRules[field];
    if (period === null) for (const set of counted.slice(0, rules[field])) keep(set, reason);
    const seen = new Set<string>();
    for (const { set, periods } of named) {
      const name = periods.get(field);
      if (name === undefined || seen.has(name)) continue;
      if (seen.size === rules[field]) break;
      seen.add(name);
      keep(set, reason);
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

/** The names of the periods in which a set was made, for each of the rules that ask for it; the calendar is asked once. */
function periodsOf(
  set: RetainableSet,
  asked: readonly RetentionField[],
  timezone: string,
): Map<RetentionField, string> {
  const pattern = asked.map((field) => retentionRules[field].period).join("|");
  const names = formatInTimeZone(set.created_at, timezone, pattern).split("|");
  return new Map(asked.map((field, index) => [field, names[index] ?? ""]));
}
