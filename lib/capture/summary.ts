import type { z } from "zod";
import type { missingItemView, runSummaryView, typeSummaryView } from "./views.ts";

export const runTriggers = ["schedule", "manual", "retry", "restore"] as const;
export type RunTrigger = (typeof runTriggers)[number];

/** One policy or foundation that a run could not capture, and why. */
export type MissingItem = z.infer<typeof missingItemView>;

/** What became of one policy type (or foundation) in a run. */
export type TypeSummary = z.infer<typeof typeSummaryView>;

/** A run's summary. Counts prove what `status` claims. */
export type RunSummary = z.infer<typeof runSummaryView>;
