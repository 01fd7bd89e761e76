import { setTimeout as delay } from "node:timers/promises";
import { executorActor } from "#lib/access/actor";
import { type CaptureSink, capture, type TypeOutcome } from "#lib/capture/capture";
import { runOutcome } from "#lib/capture/outcome";
import type { TypeSummary } from "#lib/capture/summary";
import { counted } from "#lib/counted";
import { isExpired, isForeignKeyViolation, isUnreachable } from "#lib/db/transaction";
import { type DatabaseTrouble, databaseTrouble } from "#lib/db/trouble";
import { env } from "#lib/env";
import { createGraphClient, type GraphTuning, processLimiters } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { log } from "#lib/log";
import { recordRereadings } from "#lib/sets/rereadings";
import { RangesGone } from "#lib/sets/write-set";
import type { RunErrorCode } from "../run-error-codes.ts";
import { type Attempt, beginAttempt } from "./begin-attempt.ts";
import { endAttempt } from "./end-attempt.ts";
import { AttemptLost } from "./fence.ts";
import { finishRun, type RunEnd } from "./finish.ts";
import { handBackRun } from "./hand-back.ts";
import { nameReferences } from "./name-attempt.ts";
import { AttemptProgress } from "./progress.ts";
import { reuseItems, storeItems, unchangedSince } from "./store-items.ts";

/** What became of an attempt, and what the queue has to do with the run's job. */
export type ExecutionResult =
  | { kind: "ended"; status: RunEnd["status"]; backup_set_id: number | null }
  /** Nothing (more) to do here: the run has ended, or another worker has it. */
  | { kind: "released" }
  /** The attempt does not count. The run has a new job, which is due at once; this one is done. */
  | { kind: "handed_back"; reason: string }
  /** Try this job again later: throttled, or Graph unavailable, and attempts are left. */
  | { kind: "try_again"; reason: string };

/** Why this worker stopped an attempt from within. */
type Stop = { why: "cancel" | "timeout" | "lost" } | { why: "shutdown"; reason: string };

/** How long to wait before the database is asked again, while it is away. */
const databaseWaitMs = 1_000;

/**
 * Executes one attempt of a run: captures through Graph, stores as it goes, and ends the run in one last
 * transaction. Safe to call twice, at once, or again after a crash at any line: each attempt fences off the
 * one before, and what an earlier attempt has stored is found and used.
 *
 * An attempt is spent by Graph or by a crash. One that the worker's end or the database's absence cut short is handed
 * back uncounted; while the database is away, this waits for it.
 * @param runId the run; its tenant is `tenantId`, as read from the run's row
 * @param shutdown aborts when the worker is to stop or the queue gave the job away; its reason, a sentence without a
 *   full stop, goes into the run's history
 * @param tuning how patient the Graph client is, and what it shares with other runs; production uses its defaults
 * @param jobId the job that the run must still have; without it, any
 */
export async function executeRun(
  tenantId: number,
  runId: number,
  shutdown: AbortSignal,
  tuning: Partial<GraphTuning> = {},
  jobId: string | null = null,
): Promise<ExecutionResult> {
  const limiters = tuning.limiters ?? processLimiters;
  const attempt = await beginAttempt(executorActor, tenantId, {
    run_id: runId,
    job_id: jobId,
    worker: limiters.process,
  });
  if (!attempt) return { kind: "released" };
  const stop = new AbortController();
  const stopFor = (why: Stop) => stop.abort(why);
  const onShutdown = () => stopFor({ why: "shutdown", reason: reasonOf(shutdown) });
  shutdown.addEventListener("abort", onShutdown, { once: true });
  if (shutdown.aborted) onShutdown();
  const timer = setTimeout(() => stopFor({ why: "timeout" }), env().RUN_TIMEOUT_MINUTES * 60_000);
  const graph = attempt.connection instanceof GraphError ? null : attempt.connection;
  if (graph) limiters.join(graph, attempt.sharers);
  const progress = new AttemptProgress(attempt, {
    stop: (why) => stopFor({ why }),
    share(sharers) {
      if (graph) limiters.share(graph, sharers);
    },
  });
  try {
    return await attemptOnce(attempt, progress, stop.signal, { ...tuning, limiters });
  } catch (error) {
    if (error instanceof AttemptLost) return { kind: "released" };
    const trouble = databaseTrouble(error);
    if (trouble !== null && trouble !== "slow") return await handBack(attempt, withoutFault[trouble]);
    throw error;
  } finally {
    clearTimeout(timer);
    shutdown.removeEventListener("abort", onShutdown);
    if (graph) limiters.leave(graph);
  }
}

/** @throws AttemptLost; AppError UNAVAILABLE when the database is away. */
async function attemptOnce(
  attempt: Attempt,
  progress: AttemptProgress,
  signal: AbortSignal,
  tuning: Partial<GraphTuning>,
): Promise<ExecutionResult> {
  try {
    const { end, retryable } = await captureAll(attempt, progress, signal, tuning).finally(() =>
      progress.stop(),
    );
    signal.throwIfAborted();
    if (hasAnother(attempt, retryable)) {
      return await tryAgain(attempt, end.error_message ?? "Microsoft Graph is not available");
    }
    return await finish(attempt, end);
  } catch (error) {
    if (error instanceof AttemptLost) throw error;
    if (error instanceof RangesGone) return handBack(attempt, "What it had found unchanged was purged");
    if (signal.aborted) return endStopped(attempt, signal.reason as Stop, progress.types());
    if (isUnreachable(error)) throw error;
    return endUnexpectedly(attempt, error);
  }
}

/** Why an attempt ended that is not to blame for it. */
const withoutFault = {
  away: "The database could not be reached",
  "read-only": "The database took no changes",
  contended: "The database was busy with others' changes",
} satisfies Record<Exclude<DatabaseTrouble, "slow">, string>;

function reasonOf(shutdown: AbortSignal): string {
  return typeof shutdown.reason === "string" ? shutdown.reason : "The worker was stopped";
}

/** Tries until the database accepts it, or the process is ended: then the attempt looks like a crash, and counts. */
async function handBack({ tenant_id, run_id, attempt }: Attempt, reason: string): Promise<ExecutionResult> {
  for (;;) {
    try {
      await handBackRun(executorActor, tenant_id, { run_id, attempt, reason });
      return { kind: "handed_back", reason };
    } catch (error) {
      if (error instanceof AttemptLost) return { kind: "released" };
      if (!isUnreachable(error)) throw error;
      log.warn({ err: error, run_id, attempt }, "a run waits for the database to be handed back");
      await delay(databaseWaitMs);
    }
  }
}

/** Whether another attempt follows, which could capture more. */
function hasAnother({ spent }: Attempt, retryable: boolean): boolean {
  return retryable && spent < env().RUN_MAX_ATTEMPTS;
}

async function captureAll(
  attempt: Attempt,
  progress: AttemptProgress,
  signal: AbortSignal,
  tuning: Partial<GraphTuning>,
): Promise<{ end: RunEnd; retryable: boolean }> {
  if (attempt.connection instanceof GraphError) {
    const { code: error_code, message: error_message } = attempt.connection;
    return { end: { status: "failed", error_code, error_message, types: {} }, retryable: false };
  }
  const client = createGraphClient(attempt.connection, { signal, tuning });
  const outcomes = await capture(
    client,
    { policyTypes: attempt.policy_types, includeFoundations: attempt.include_foundations },
    sinkOf(attempt, progress),
    signal,
  );
  await passOverRereadings(attempt, signal);
  const { status, error_code, error_message, retryable } = runOutcome(outcomes);
  const types = summarizeTypes(outcomes);
  const makesSet = status === "success" || (status === "partial" && !hasAnother(attempt, retryable));
  const names = makesSet ? await nameReferences(attempt, types, signal, tuning) : null;
  const { cloud, entraTenantId: entra_tenant_id } = attempt.connection;
  const read_from = { cloud, entra_tenant_id };
  return { end: { status, error_code, error_message, types, names, read_from }, retryable };
}

/** Without it some policies would be shown as changed that nobody changed: no reason to lose the backup. */
async function passOverRereadings(attempt: Attempt, signal: AbortSignal): Promise<void> {
  try {
    await recordRereadings(attempt, signal);
  } catch (error) {
    if (signal.aborted || isUnreachable(error)) throw error;
    log.warn(
      { err: error, run_id: attempt.run_id },
      "items could not be compared with an older reading of them",
    );
  }
}

function sinkOf(attempt: Attempt, progress: AttemptProgress): CaptureSink {
  const sink: CaptureSink = {
    write: (items) => storeItems(attempt, items),
    progress: (outcome) => progress.update(outcome),
  };
  if (attempt.attempt === 1) return sink;
  const { run_id } = attempt;
  return {
    ...sink,
    async earlier(policy_type, states) {
      return new Set(await unchangedSince(attempt, policy_type, states));
    },
    async reuse(policy_type, graph_ids) {
      await reuseItems(executorActor, attempt.tenant_id, {
        run_id,
        attempt: attempt.attempt,
        backup_schedule_id: attempt.backup_schedule_id,
        policy_type,
        graph_ids,
      });
    },
  };
}

/** The outcomes as the run's summary shows them, keyed by policy type. */
export function summarizeTypes(outcomes: readonly TypeOutcome[]): Record<string, TypeSummary> {
  return Object.fromEntries(outcomes.map(({ policy_type, ...outcome }) => [policy_type, outcome]));
}

async function finish(attempt: Attempt, end: RunEnd): Promise<ExecutionResult> {
  const input = { run_id: attempt.run_id, attempt: attempt.attempt, end };
  const { backup_set_id } = await finishRun(executorActor, attempt.tenant_id, input).catch((error) => {
    // The purge removed the names between our look and our reference to them: once more, and they are written anew.
    if (!isForeignKeyViolation(error)) throw error;
    return finishRun(executorActor, attempt.tenant_id, input);
  });
  return { kind: "ended", status: end.status, backup_set_id };
}

async function endStopped(
  attempt: Attempt,
  stop: Stop,
  types: Record<string, TypeSummary>,
): Promise<ExecutionResult> {
  switch (stop.why) {
    case "cancel":
      return finish(
        attempt,
        ended("canceled", "CANCELED", "Canceled while it ran; no backup set was made.", types),
      );
    case "timeout": {
      const minutes = env().RUN_TIMEOUT_MINUTES;
      return finish(
        attempt,
        ended(
          "failed",
          "TIMEOUT",
          `An attempt took longer than its limit of ${counted(minutes, "minute")}.`,
          types,
        ),
      );
    }
    case "lost":
      return { kind: "released" };
    case "shutdown":
      return handBack(attempt, stop.reason);
  }
}

/** The run goes on with another attempt, and its history says why. */
async function tryAgain({ tenant_id, run_id, attempt }: Attempt, reason: string): Promise<ExecutionResult> {
  await endAttempt(executorActor, tenant_id, { run_id, attempt, reason }).catch((error) =>
    // Only its history is poorer; the next attempt must come all the same.
    log.warn({ err: error, run_id, attempt }, "the end of an attempt was not noted"),
  );
  return { kind: "try_again", reason };
}

async function endUnexpectedly(attempt: Attempt, error: unknown): Promise<ExecutionResult> {
  const { run_id } = attempt;
  log.error({ err: error, run_id, attempt: attempt.attempt }, "run ended by an unexpected error");
  if (error instanceof GraphError) return finish(attempt, ended("failed", error.code, error.message, {}));
  if (isExpired(error)) {
    const message =
      "The database was too slow to store what was captured; the worker's log says which limit it passed.";
    return finish(attempt, ended("failed", "TIMEOUT", message, {}));
  }
  const message = `Something unexpected went wrong; the worker's log has it under run ${run_id}.`;
  return finish(attempt, ended("failed", "UNKNOWN", message, {}));
}

function ended(
  status: RunEnd["status"],
  error_code: RunErrorCode,
  error_message: string,
  types: Record<string, TypeSummary>,
): RunEnd {
  return { status, error_code, error_message, types };
}
