import { parseArgs } from "node:util";
import { dispatcherActor } from "#lib/access/actor";
import { disconnect } from "#lib/db/client";
import { isUnreachable } from "#lib/db/transaction";
import { env } from "#lib/env";
import { stopProducer } from "#lib/jobs/boss";
import { type DispatchResult, dispatchBatch } from "#lib/schedules/dispatch";
import { previewDispatch } from "#lib/schedules/preview-dispatch";

type Runs = DispatchResult["runs"];

const help = `Dispatches everything that is due: one tick, by hand.

  npm run schedules:dispatch [-- options]

  --at ISO     act as if it were this instant (2026-03-29T01:00:00Z)
  --dry-run    only say what would be done
  --json       print one JSON object instead of a table
  --help       this text

Ends with 0 when it is done, 1 when the database does not answer, 2 when an option is wrong.`;

const options = readOptions();
if (options.help) {
  console.log(help);
} else {
  try {
    env();
    const when = options.at === undefined ? {} : { at: options.at };
    const runs = options.dryRun ? await previewDispatch(dispatcherActor, when) : await dispatchAll(when);
    if (options.json) printJson(runs, options.dryRun);
    else printTable(runs, options.dryRun);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    console.error("The database cannot be reached. Is it running, and is DATABASE_URL right?");
    process.exitCode = 1;
  } finally {
    await stopProducer();
    await disconnect();
  }
}

function readOptions(): { at: string | undefined; dryRun: boolean; json: boolean; help: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        at: { type: "string" },
        "dry-run": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return {
      at: values.at === undefined ? undefined : instant(values.at),
      dryRun: values["dry-run"],
      json: values.json,
      help: values.help,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
}

/** An ISO 8601 instant with its offset, as `…Z` in UTC. @throws Error that says how to write it */
function instant(text: string): string {
  const at = new Date(text);
  // Without an offset it would mean another instant on each machine.
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (!isInstant || Number.isNaN(at.getTime())) {
    throw new Error(`--at ${text}: not an instant; write it as 2026-03-29T01:00:00Z.`);
  }
  return at.toISOString();
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
