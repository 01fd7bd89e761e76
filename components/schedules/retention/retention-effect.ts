import { z } from "zod";
import { timezoneField } from "#lib/recurrence/timezone-field";
import type { RetentionPreview } from "#lib/retention/retention";
import { periodFields, retentionFields } from "#lib/retention/rules";
import type { ScheduleCreateInput } from "#lib/schedules/schema";

const rulesSchema = z.object({ ...retentionFields, timezone: timezoneField });

/** What decides which backup sets of a schedule are kept. */
export type RetentionRulesInput = z.output<typeof rulesSchema>;

interface NamedSet {
  id: number;
  created_at: string;
}

/** What saving other rules would do to a schedule's backup sets, as far as a person reads it. */
export interface RetentionEffect {
  removed: number;
  kept: number;
  /** The newest of those removed. */
  removed_first: NamedSet[];
  /** The newest of those that only a pin, or being the newest complete one, keeps. */
  spared_first: (NamedSet & { why: "pinned" | "last_success" })[];
}

/** Sets that are named one by one; a schedule may have thousands. */
const named = 8;

/** The rules that a form's values make; null while one of them is not valid. */
export function rulesOf(values: Partial<ScheduleCreateInput>): RetentionRulesInput | null {
  return rulesSchema.safeParse(values).data ?? null;
}

/** Whether two sets of rules keep the same. The zone matters only to rules that count periods of its calendar. */
export function sameRules(a: RetentionRulesInput, b: RetentionRulesInput): boolean {
  const { timezone: zoneA, ...countsA } = a;
  const { timezone: zoneB, ...countsB } = b;
  const periods = [a, b].some((rules) => periodFields.some((field) => rules[field] > 0));
  const names = Object.keys(countsA) as (keyof typeof countsA)[];
  return names.every((name) => countsA[name] === countsB[name]) && (!periods || zoneA === zoneB);
}

/** Shortens a preview to what the form says. */
export function effectOf({ removed_count, removed, kept_count, kept }: RetentionPreview): RetentionEffect {
  const spared = kept.flatMap(({ id, created_at, reasons }) => {
    const byRule = reasons.some((reason) => reason !== "pinned" && reason !== "last_success");
    if (byRule) return [];
    const why = reasons.includes("pinned") ? ("pinned" as const) : ("last_success" as const);
    return [{ id, created_at, why }];
  });
  return {
    removed: removed_count,
    kept: kept_count,
    removed_first: removed.slice(0, named).map(({ id, created_at }) => ({ id, created_at })),
    spared_first: spared.slice(0, named),
  };
}

/** `1 backup set`, `4 backup sets`. */
export function setsWords(count: number): string {
  return count === 1 ? "1 backup set" : `${count.toLocaleString("en-GB")} backup sets`;
}
