import { executorActor } from "#lib/access/actor";
import type { TypeOutcome } from "#lib/capture/capture";
import type { TypeSummary } from "#lib/capture/summary";
import type { Sharers } from "#lib/graph/limiter";
import { log } from "#lib/log";
import type { Attempt } from "./begin-attempt.ts";
import { reportProgress } from "./report-progress.ts";
import type { RunProgress } from "./schema.ts";

/** How often the worker reports: often enough for eyes, and for a cancel to be noticed within a second. */
const reportEveryMs = 500;

/** What an attempt does about the answers to its reports. */
export interface ProgressListener {
  stop(why: "cancel" | "lost"): void;
  /** The processes that work on runs of the tenant now. */
  share(sharers: Sharers): void;
}

/**
 * Collects an attempt's progress and reports it twice a second, whether it changed or not: the report is also
 * the sign of life, and its answer tells whether to go on, and how many others work on the same tenant.
 */
export class AttemptProgress {
  readonly #attempt: Attempt;
  readonly #listener: ProgressListener;
  readonly #outcomes = new Map<string, TypeOutcome>();
  readonly #timer: NodeJS.Timeout;
  #changed = false;
  #reporting: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(attempt: Attempt, listener: ProgressListener) {
    this.#attempt = attempt;
    this.#listener = listener;
    this.#timer = setInterval(() => this.#tick(), reportEveryMs);
  }

  /** Notes what became of one type so far. */
  update(outcome: TypeOutcome): void {
    this.#outcomes.set(outcome.policy_type, { ...outcome });
    this.#changed = true;
  }

  /** What is known so far, as the summary of a run that is stopped early shows it. */
  types(): Record<string, TypeSummary> {
    return Object.fromEntries(
      [...this.#outcomes].map(([key, { policy_type: _key, ...outcome }]) => [key, outcome]),
    );
  }

  /** Ends the reports; resolves when none is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reporting;
  }

  #tick(): void {
    // A report that takes long (a slow database) is not overtaken by the next.
    if (this.#busy) return;
    this.#busy = true;
    this.#reporting = this.#report().finally(() => {
      this.#busy = false;
    });
  }

  async #report(): Promise<void> {
    const { tenant_id, run_id, attempt } = this.#attempt;
    const progress = this.#changed ? this.#progress() : null;
    this.#changed = false;
    try {
      const { verdict, sharers } = await reportProgress(executorActor, tenant_id, {
        run_id,
        attempt,
        progress,
      });
      this.#listener.share(sharers);
      if (verdict !== "continue") this.#listener.stop(verdict);
    } catch (error) {
      // The database may be away for a moment; the capture goes on, and the final commit decides. What was to be told is told with
      // the next report.
      if (progress) this.#changed = true;
      log.warn({ err: error, run_id }, "progress report failed");
    }
  }

  #progress(): RunProgress {
    return {
      types: Object.fromEntries(
        [...this.#outcomes.values()].map((outcome) => [
          outcome.policy_type,
          {
            kind: outcome.kind,
            expected: outcome.expected,
            captured: outcome.captured,
            failed: outcome.failed,
            done: isThrough(outcome),
            listed: outcome.listed,
          },
        ]),
      ),
    };
  }
}

/**
 * Whether a type is read: its list came to its end, empty or not, or broke off, and what it named is accounted for. A list
 * that broke off is the first thing that the outcome says is missing; one that nothing is missing of was not bought.
 */
export function isThrough(outcome: TypeOutcome): boolean {
  const { expected, captured, gone, failed, listed, skipped, missing } = outcome;
  const [first] = missing;
  const brokeOff = first !== undefined && first.graph_id === null && first.display_name === null;
  return (listed || skipped || brokeOff) && captured + gone + failed >= expected;
}
