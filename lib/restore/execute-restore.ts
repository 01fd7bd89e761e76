import { setTimeout as delay } from "node:timers/promises";
import { restorerActor } from "#lib/access/actor";
import type { RestoreItem as ItemRow, Restore } from "#lib/db/generated/client";
import { isExpired, isUnreachable } from "#lib/db/transaction";
import { env } from "#lib/env";
import { createGraphClient, type GraphClient, type GraphTuning } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { createGraphWriter } from "#lib/graph/writer";
import { log } from "#lib/log";
import {
  beginExecution,
  changedBefore,
  endExecution,
  type ItemNote,
  idsBefore,
  keepBefore,
  loadExecution,
  noteItem,
  type RestoreEnd,
  RestoreLost,
} from "./execution-steps.ts";
import { readLive } from "./live-run.ts";
import { lookUpAgain } from "./look-up-offers.ts";
import { offersWanted } from "./offers.ts";
import type { PlanContext } from "./plan-all.ts";
import { type ReadRows, readRows } from "./rows.ts";
import { type Journal, RestoreWriter, WritingEnds } from "./write-items.ts";

/** What the queue has to do with the job. */
export type RestoreResult =
  | { kind: "ended"; status: string }
  /** Nothing (more) to do here: it has ended, or another worker has it. */
  | { kind: "released" }
  | { kind: "try_again"; reason: string };

/** What can be set apart for tests. */
export interface RestoreTuning {
  graph: Partial<GraphTuning>;
  /** How the writer waits and retries. */
  write: Partial<GraphTuning>;
  /** How long Graph may hide what was just made; milliseconds. */
  settleMs: number;
  /** Until approvals are asked for again; seconds. */
  approvalSeconds: number;
}

/** How long to wait before the database is asked again, while it is away. */
const databaseWaitMs = 1_000;

/** Tries until the database takes it: nothing is written to the tenant meanwhile. @throws the signal's reason */
async function patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isUnreachable(error) && !isExpired(error)) throw error;
      log.warn({ err: error }, "a restore waits for the database");
      await delay(databaseWaitMs, undefined, { signal });
    }
  }
}

/**
 * Writes a restore, or goes on with it: what is live is kept first, then each policy is looked at, written, and read back.
 * Safe to begin anew after a crash at any line: what is about to be sent is noted before, and what was made is looked up.
 * @param jobId the job that the restore must still have
 * @param signal aborts when the worker is to stop; the restore then goes on with its next worker
 */
export async function executeRestore(
  tenantId: number,
  restoreId: number,
  jobId: string,
  signal: AbortSignal,
  tuning: Partial<RestoreTuning> = {},
): Promise<RestoreResult> {
  try {
    return await execute(tenantId, restoreId, jobId, signal, tuning);
  } catch (error) {
    if (error instanceof RestoreLost) return { kind: "released" };
    if (signal.aborted) return { kind: "try_again", reason: "The worker was stopped" };
    throw error;
  }
}

async function execute(
  tenantId: number,
  restoreId: number,
  jobId: string,
  signal: AbortSignal,
  tuning: Partial<RestoreTuning>,
): Promise<RestoreResult> {
  const begun = await patiently(signal, () =>
    beginExecution(restorerActor, tenantId, { restore_id: restoreId, job_id: jobId }),
  );
  if (!begun) return { kind: "released" };
  const fence = { restore_id: restoreId, attempt: begun.restore.attempt };
  const end = async (input: RestoreEnd): Promise<RestoreResult> => {
    const status = await patiently(signal, () =>
      endExecution(restorerActor, tenantId, { ...fence, end: input }),
    );
    return { kind: "ended", status };
  };
  // Whatever goes wrong from here on ends the attempt: a restore that stays at work holds up all others of its tenant.
  try {
    const outcome = await carryOut(begun.restore, jobId, signal, tuning);
    return outcome.kind === "try_again" ? outcome : await end(outcome);
  } catch (error) {
    if (error instanceof WritingEnds)
      return end({ kind: "stopped", error: { code: error.code, message: error.message } });
    if (error instanceof RestoreLost || signal.aborted) throw error;
    log.error({ err: error, restore_id: restoreId }, "a restore was stopped by an unexpected error");
    const message = `Something unexpected went wrong; the worker's log has it under restore ${restoreId}.`;
    return end({ kind: "stopped", error: { code: "UNKNOWN", message } });
  }
}

/** @throws WritingEnds; RestoreLost; the signal's reason */
async function carryOut(
  restore: Restore,
  jobId: string,
  signal: AbortSignal,
  tuning: Partial<RestoreTuning>,
): Promise<RestoreEnd | { kind: "try_again"; reason: string }> {
  const { id: restore_id, tenant_id: tenantId } = restore;
  const fence = { restore_id, attempt: restore.attempt };
  const only = restore.only_item_id;
  let stop = restore.stop_requested_at !== null;
  // Nothing is written yet: what is live need not be read to leave it as it is.
  if (stop && restore.before_set_id === null) return { kind: "stopped", error: null };
  const { rows, context, reading, writing, moved } = await patiently(signal, () =>
    loadExecution(restorerActor, tenantId, { restore_id }),
  );
  // Whoever saves another tenant's connection forgets that for writing with it; a new one is for the new tenant.
  if (moved !== null) throw new WritingEnds("ENTRA_TENANT_CHANGED", moved);
  if (writing === null)
    throw new WritingEnds(
      "WRITE_CONNECTION_MISSING",
      "There is no connection for writing any more. Save one, and resume.",
    );
  if (writing instanceof GraphError) throw new WritingEnds("WRITE_CONNECTION_REFUSED", writing.message);
  if (reading instanceof GraphError) throw new WritingEnds("READ_CONNECTION_REFUSED", reading.message);

  let before = restore.before_set_id;
  let changed: readonly number[] | null;
  if (before === null) {
    const types = [...new Set(rows.map(({ policy_type }) => policy_type))];
    const live = await patiently(signal, () =>
      readLive(tenantId, restore_id, jobId, types, signal, tuning.graph ?? {}),
    );
    if (live.kind === "try_again") return live;
    if (live.kind === "no_set") {
      const error = {
        code: live.error_code ?? "LIVE_STATE_UNREAD",
        message: live.error_message ?? "What is live could not be read; nothing was written.",
      };
      return { kind: "failed", error };
    }
    before = live.set_id;
    ({ changed, stop } = await patiently(signal, () =>
      keepBefore(restorerActor, tenantId, { ...fence, set_id: live.set_id }),
    ));
  } else if (only !== null) {
    // A second step looks at the policy that the first one made.
    changed = [];
  } else {
    const set_id = before;
    changed = await patiently(signal, () => changedBefore(restorerActor, tenantId, { restore_id, set_id }));
    if (changed === null) throw beforeGone(set_id);
  }
  const setBefore = before;
  const journal: Journal = {
    note: (item_id: number, note: ItemNote) =>
      patiently(signal, () => noteItem(restorerActor, tenantId, { ...fence, item_id, note })),
    async idsBefore(policy_type: string) {
      const ids = await patiently(signal, () =>
        idsBefore(restorerActor, tenantId, { set_id: setBefore, policy_type }),
      );
      if (ids === null) throw beforeGone(setBefore);
      return new Set(ids);
    },
  };
  const { readable, unreadable } = await readRows(rows, tenantId);
  for (const { id, state } of rows) {
    const message = only === null || only === id ? unreadable.get(id) : undefined;
    if (
      message !== undefined &&
      (state === "pending" || state === "writing" || state === "waiting_for_approval")
    )
      await journal.note(id, { state: "failed", error: { code: "COPY_UNREADABLE", message } });
  }
  const client = createGraphClient(reading, { signal, tuning: tuning.graph ?? {} });
  const writer = new RestoreWriter({
    items: readable,
    context: await asOfferedNow(client, context, readable, only),
    only,
    changed: new Set(changed),
    stop,
    reason: restore.reason ?? "Restore",
    tenantId,
    client,
    writer: createGraphWriter(writing, { signal, tuning: tuning.write ?? {} }),
    journal,
    signal,
    settleMs: tuning.settleMs ?? env().RESTORE_SETTLE_SECONDS * 1_000,
  });
  const outcome = await writer.writeAll();
  if (outcome === "waiting") return { kind: "waiting", again_after_seconds: tuning.approvalSeconds ?? 60 };
  return outcome === "stopped" ? { kind: "stopped", error: null } : { kind: "ended" };
}

/** What the tenant offers is looked up once more for the items that are still to be written. */
async function asOfferedNow(
  client: GraphClient,
  context: PlanContext,
  readable: ReadRows<ItemRow>["readable"],
  only: number | null,
): Promise<PlanContext> {
  const { offers } = context.known;
  const todo = readable.filter(
    ({ row: { id, state } }) =>
      (only === null || only === id) && ["pending", "writing", "waiting_for_approval"].includes(state),
  );
  const wanted = offersWanted(todo.map(({ item }) => item));
  const isWanted = wanted.templates.length + wanted.imported.length + wanted.successors.length > 0;
  if (!offers || !isWanted) return context;
  return { ...context, known: { ...context.known, offers: await lookUpAgain(client, offers, wanted) } };
}

function beforeGone(setId: number): WritingEnds {
  return new WritingEnds(
    "BEFORE_SET_GONE",
    `Set ${setId}, of what was live before this restore wrote, was removed: what it made and what was there already can no longer be told apart. Plan another restore of the rest.`,
  );
}
