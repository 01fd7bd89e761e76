import { dispatcherActor } from "#lib/access/actor";
import { disconnect } from "#lib/db/client";
import { tlsFault } from "#lib/db/tls-fault";
import { isUnreachable } from "#lib/db/transaction";
import { env } from "#lib/env";
import { stopProducer } from "#lib/jobs/boss";
import { type DispatchResult, dispatchBatch } from "#lib/schedules/dispatch";
import { previewDispatch } from "#lib/schedules/preview-dispatch";

type Runs = DispatchResult["runs"];

export interface TickOptions {
  /** An ISO 8601 instant to act at; undefined: now. */
  at: string | undefined;
  /** Only says what would be done. */
  dryRun: boolean;
  /** Prints one JSON object instead of a table. */
  json: boolean;
}

/** Dispatches everything that is due and prints what became of it. @returns the exit code: 1 when the database does not answer */
export async function tickByHand({ at, dryRun, json }: TickOptions): Promise<0 | 1> {
  try {
    env();
    const when = at === undefined ? {} : { at };
    const runs = dryRun ? await previewDispatch(dispatcherActor, when) : await dispatchAll(when);
    if (json) printJson(runs, dryRun);
    else printTable(runs, dryRun);
    return 0;
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    console.error(
      tlsFault(error) ?? "The database cannot be reached. Is it running, and is DATABASE_URL right?",
    );
    return 1;
  } finally {
    await stopProducer();
    await disconnect();
  }
}

async function dispatchAll(when: { at?: string }): Promise<Runs> {
  const runs: Runs = [];
  for (let more = true; more; ) {
    const batch = await dispatchBatch(dispatcherActor, when);
    runs.push(...batch.runs);
    more = batch.more;
  }
  return runs;
}

function count(runs: Runs): { started: number; skipped: number } {
  const started = runs.filter((run) => run.status === "running").length;
  return { started, skipped: runs.length - started };
}

function printJson(runs: Runs, dryRun: boolean): void {
  const shown = runs.map(({ id, tenant_id, backup_schedule_id, scheduled_for, status }) => ({
    id: dryRun ? null : id,
    tenant_id,
    backup_schedule_id,
    scheduled_for,
    status,
  }));
  console.log(JSON.stringify({ dry_run: dryRun, ...count(runs), runs: shown }));
}

function printTable(runs: Runs, dryRun: boolean): void {
  if (runs.length === 0) {
    console.log("Nothing is due.");
    return;
  }
  const words = dryRun
    ? { running: "would start", skipped: "would be skipped" }
    : { running: "started", skipped: "skipped" };
  console.table(
    runs.map((run) => ({
      run: dryRun ? "–" : run.id,
      tenant: run.tenant_id,
      schedule: run.backup_schedule_id,
      "scheduled for": run.scheduled_for.toISOString(),
      outcome: words[run.status],
    })),
  );
  const { started, skipped } = count(runs);
  console.log(`${started} ${words.running}, ${skipped} ${words.skipped}.`);
}
