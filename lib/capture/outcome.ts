import { findType } from "#lib/policies/catalog";
import { type RunErrorCode, runErrors } from "#lib/run-error-codes";
import { isCapturedWhole } from "./captured-whole.ts";
import { type TypeOutcome, weightier } from "./type-tally.ts";

/** How a run ends, by what became of its types. */
export interface RunOutcome {
  status: "success" | "partial" | "failed" | "skipped";
  error_code: RunErrorCode | null;
  error_message: string | null;
  /** Another attempt could capture more: something was throttled or unavailable, and the connection works. */
  retryable: boolean;
}

/** So many types are named in the message. */
const NAMED_TYPES = 3;

/**
 * The run's status as a pure and total function of its types' outcomes.
 * `success`: every type was listed to its end, nothing failed. `partial`: at least one type or item is there,
 * and something is missing. `failed`: nothing is there. `skipped`: nothing was attempted.
 */
export function runOutcome(outcomes: readonly TypeOutcome[]): RunOutcome {
  const attempted = outcomes.filter((outcome) => !outcome.skipped);
  if (attempted.length === 0 && outcomes.some(isUnlicensed)) {
    const [first] = outcomes.filter(isUnlicensed);
    return {
      status: "skipped",
      error_code: "LICENSE_MISSING",
      error_message: first?.error_message ?? runErrors.LICENSE_MISSING.meaning,
      retryable: false,
    };
  }
  if (attempted.length === 0) {
    const [first] = outcomes;
    return {
      status: "skipped",
      error_code: first ? (first.error_code ?? "UNKNOWN_POLICY_TYPE") : null,
      error_message: first
        ? `None of the schedule's policy types is known. ${runErrors.UNKNOWN_POLICY_TYPE.remedy}`
        : "No policy types were asked for.",
      retryable: false,
    };
  }
  const troubled = outcomes
    .filter((outcome) => !isCapturedWhole(outcome) && !isUnlicensed(outcome))
    .map(withCode);
  if (troubled.length === 0)
    return { status: "success", error_code: null, error_message: null, retryable: false };
  const something = attempted.some((outcome) => isCapturedWhole(outcome) || outcome.captured > 0);
  const worst = troubled.reduce(weightier);
  const again = new Set(troubled.map((outcome) => runErrors[outcome.error_code].again));
  return {
    status: something ? "partial" : "failed",
    error_code: worst.error_code,
    error_message: messageOf(outcomes.length, troubled, worst),
    retryable: again.has("helps") && !again.has("refused"),
  };
}

/**
 * The tenant has not bought what the type belongs to. Nothing of it can exist that a backup would lack: no trouble, and
 * the summary says so all the same.
 */
function isUnlicensed(outcome: TypeOutcome): boolean {
  return outcome.skipped && outcome.error_code === "LICENSE_MISSING";
}

function withCode(outcome: TypeOutcome): TypeOutcome & { error_code: RunErrorCode } {
  return { ...outcome, error_code: outcome.error_code ?? "INCOMPLETE_CAPTURE" };
}

function messageOf(all: number, troubled: readonly TypeOutcome[], worst: TypeOutcome): string {
  const same = troubled.every((outcome) => outcome.error_message === worst.error_message);
  if (same && troubled.length > 1) {
    return `${worst.error_message ?? runErrors.UNKNOWN.meaning} (${troubled.length} of ${all} types)`;
  }
  const ordered = [worst, ...troubled.filter((outcome) => outcome !== worst)];
  const named = ordered.slice(0, NAMED_TYPES).map(sentenceOf);
  const more = ordered.length - named.length;
  return `${named.join(" ")}${more > 0 ? ` And ${more} more of ${all} types; see the run's summary.` : ""}`;
}

function sentenceOf(outcome: TypeOutcome): string {
  const label = findType(outcome.policy_type)?.label ?? outcome.policy_type;
  const count = outcome.failed > 0 ? ` (${outcome.failed} of ${outcome.expected} missing)` : "";
  return `${label}${count}: ${outcome.error_message ?? runErrors[outcome.error_code ?? "UNKNOWN"].meaning}`;
}
