import type { RunErrorCode } from "#lib/run-error-codes";

export const runTriggers = ["schedule", "manual", "retry"] as const;
export type RunTrigger = (typeof runTriggers)[number];

/** One policy or foundation that a run could not capture, and why. */
export interface MissingItem {
  graph_id: string | null;
  display_name: string | null;
  error_code: RunErrorCode;
  reason: string;
}

/** What became of one policy type (or foundation) in a run. */
export interface TypeSummary {
  kind: "policy" | "foundation";
  expected: number;
  captured: number;
  /** Deleted in the tenant between listing and reading; not an error. */
  gone: number;
  failed: number;
  skipped: boolean;
  /** The list was read to its end, so `expected` is all there is. */
  listed: boolean;
  error_code: RunErrorCode | null;
  error_message: string | null;
  /** Microsoft Graph's request id of the deciding error, for a support case. */
  request_id: string | null;
  missing: MissingItem[];
}

/** A run's summary. Counts prove what `status` claims. */
export interface RunSummary {
  trigger?: RunTrigger;
  /** Those that count: see RunAttempt. */
  attempts?: number;
  types?: Record<string, TypeSummary>;
  foundations?: Record<string, TypeSummary>;
  changes?: { added: number; changed: number; removed: number; unchanged: number };
  /** `logical`: the JSON; `stored`: compressed; `added`: what this run stored anew. */
  bytes?: { logical: number; stored: number; added: number };
  missed_occurrences?: number;
  duration_ms?: number;
  /** Why nothing was attempted, in words, for a skipped run. */
  reason?: string;
  [more: string]: unknown;
}
