import { z } from "zod";

/** What a schedule keeps, as its forms and the API take it; plan.ts has what follows. */
export const retentionFields = {
  retention_keep_last: z
    .int("must be a whole number")
    .min(1, "must be at least 1: the newest backup set is always kept")
    .max(10_000, "must be at most 10000"),
  retention_keep_daily: periods("days"),
  retention_keep_weekly: periods("weeks"),
  retention_keep_monthly: periods("months"),
  retention_keep_yearly: periods("years"),
};

/** So many of the last days (weeks, …) that have a backup set keep their newest one; 0 is off. */
function periods(unit: string) {
  return z
    .int(`must be a whole number of ${unit}; 0 is off`)
    .min(0, `must be 0 (off) or more ${unit}`)
    .max(10_000, `must be at most 10000 ${unit}`);
}
