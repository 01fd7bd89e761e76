import { z } from "zod";

interface RetentionRule {
  /** Why a set is kept that this rule keeps. */
  reason: string;
  /** What is counted, in the plural: `7 days`. */
  unit: string;
  /** One of them: `day`. */
  one: string;
  /** As a description counts it, where it says more than the unit. */
  unitInFull?: string;
  /**
   * What two sets of one period have in common: their times on the schedule's clock, written in this pattern of
   * date-fns. Null: the sets themselves are counted.
   */
  period: string | null;
  /** The smallest number; 0 is off. */
  min: number;
  default: number;
  /** What the field is called where it stands for itself, among the others of a form, and in the audit log. */
  label: string;
  shortLabel: string;
  auditLabel: string;
  /** What API and documents say of it. */
  description: string;
}

/** So many at most, of whatever a rule counts. */
export const retentionMax = 10_000;

/**
 * The rules by which a schedule keeps its sets, each with its field in forms, API and database. Plan, schemas, forms and
 * documents loop over them. A further one needs a column (`INTEGER NOT NULL DEFAULT …` with a check) besides.
 */
export const retentionRules = {
  retention_keep_last: {
    reason: "last",
    unit: "backup sets",
    one: "backup set",
    period: null,
    min: 1,
    default: 30,
    label: "Keep last",
    shortLabel: "Sets",
    auditLabel: "Keep last",
    description: "This many of the newest sets",
  },
  retention_keep_daily: {
    ...offUnlessSet("day"),
    reason: "daily",
    period: "yyyy-MM-dd",
    label: "Days to keep",
    shortLabel: "Days",
    auditLabel: "Keep daily",
  },
  retention_keep_weekly: {
    ...offUnlessSet("week"),
    reason: "weekly",
    unitInFull: "ISO weeks (from Monday)",
    period: "RRRR-II",
    label: "Weeks to keep",
    shortLabel: "Weeks",
    auditLabel: "Keep weekly",
  },
  retention_keep_monthly: {
    ...offUnlessSet("month"),
    reason: "monthly",
    period: "yyyy-MM",
    label: "Months to keep",
    shortLabel: "Months",
    auditLabel: "Keep monthly",
  },
  retention_keep_yearly: {
    ...offUnlessSet("year"),
    reason: "yearly",
    period: "yyyy",
    label: "Years to keep",
    shortLabel: "Years",
    auditLabel: "Keep yearly",
  },
} as const satisfies Record<`retention_keep_${string}`, RetentionRule>;

/** A rule that keeps the newest set of each of the last N periods that have one. */
function offUnlessSet(one: string) {
  const unit = `${one}s`;
  return {
    unit,
    one,
    min: 0,
    default: 0,
    description: `The newest set of each of the last N ${unit} that have one; 0 is off`,
  };
}

export type RetentionField = keyof typeof retentionRules;

/** The fields in the order in which forms show them. */
export const retentionFieldNames = Object.keys(retentionRules) as RetentionField[];

/** Those of the rules that count periods. */
export const periodFields = retentionFieldNames.filter((field) => retentionRules[field].period !== null);

/** Makes one thing for each rule, by its field. */
export function perRule<T>(
  make: (rule: RetentionRule, field: RetentionField) => T,
): Record<RetentionField, T> {
  const made = retentionFieldNames.map((field) => [field, make(retentionRules[field], field)]);
  return Object.fromEntries(made) as Record<RetentionField, T>;
}

/** What a schedule keeps. The periods are those of the calendar in `timezone`. */
export interface RetentionRules extends Record<RetentionField, number> {
  timezone: string;
}

/** What a schedule keeps, as its forms and the API take it; plan.ts has what follows. */
export const retentionFields = perRule(({ unit, period, min, description }) =>
  (period === null
    ? z
        .int("must be a whole number")
        .min(min, `must be at least ${min}: the newest backup set is always kept`)
        .max(retentionMax, `must be at most ${retentionMax}`)
    : z
        .int(`must be a whole number of ${unit}; 0 is off`)
        .min(min, `must be 0 (off) or more ${unit}`)
        .max(retentionMax, `must be at most ${retentionMax} ${unit}`)
  ).meta({ description }),
);
