import { alertsActor, dispatcherActor } from "#lib/access/actor";
import { writeDigests } from "#lib/alerts/digests";
import { repeatAlerts } from "#lib/alerts/repeat";
import { resumeLostAlerts } from "#lib/alerts/resume-lost";
import { watchExpiry } from "#lib/connection/expiry";
import { log } from "#lib/log";
import { observeRunEnd, observeTick } from "#lib/metrics";
import { foldRunCounts } from "#lib/runs/fold-counts";
import { sweepLostRuns } from "#lib/runs/sweep";
import { dispatchBatch } from "./dispatch.ts";
import { allWork, findWork } from "./find-work.ts";
import { watchSchedules } from "./watch.ts";

/** What one tick did. */
export interface TickResult {
  claimed: number;
  started: number;
  skipped: number;
  lost: number;
}

/**
 * One tick: dispatches everything that is due, batch by batch, and looks after what else there is to do: overdue backups, runs
 * whose job was lost, credentials that expire, alerts, counts of ended runs.
 * @param options.at ISO instant in place of the database's clock
 * @param options.batch schedules a transaction
 * @param signal stops between two batches
 * @throws what dispatch throws, once the rest is done
 */
export async function tick(
  options: { at?: string; batch?: number } = {},
  signal?: AbortSignal,
): Promise<TickResult> {
  const result: TickResult = { claimed: 0, started: 0, skipped: 0, lost: 0 };
  const at = options.at === undefined ? {} : { at: options.at };
  const work = await findWork(dispatcherActor, at).catch((error: unknown) => {
    log.error({ err: error }, "what there is to do was not found out; all of it is looked after");
    return allWork;
  });
  if (work.schedules)
    await watchSchedules(dispatcherActor, at).catch((error: unknown) =>
      log.error({ err: error }, "overdue backups were not looked for; the next tick tries again"),
    );
  let failure: { error: unknown } | null = null;
  try {
    for (let more = work.due; more && !signal?.aborted; ) {
      const batch = await dispatchBatch(dispatcherActor, options);
      result.claimed += batch.claimed;
      result.started += batch.started;
      result.skipped += batch.skipped;
      for (const error_code of batch.skipped_for) observeRunEnd({ status: "skipped", error_code }, null);
      more = batch.more;
    }
  } catch (error) {
    failure = { error };
  }
  observeTick(failure ? "failed" : "ok");
  // None of these, nor the dispatch before them, keeps another one from its work: what cannot be dispatched for hours must be
  // told meanwhile. The next minute's tick does all of it again.
  if (work.runs || result.started > 0)
    result.lost = await sweepLostRuns().catch((error: unknown) => {
      log.error({ err: error }, "lost runs were not looked for; the next tick tries again");
      return 0;
    });
  if (work.credentials)
    await watchExpiry(dispatcherActor, {}).catch((error: unknown) =>
      log.error({ err: error }, "expiring credentials were not looked for; the next tick tries again"),
    );
  const alerts = [
    ...(work.late_alerts ? [resumeLostAlerts] : []),
    ...(work.repeats ? [repeatAlerts] : []),
    ...(work.digests ? [writeDigests] : []),
  ];
  for (const lookAfter of alerts)
    await lookAfter(alertsActor, {}).catch((error: unknown) => {
      log.error({ err: error }, "alerts were not looked after; the next tick tries again");
    });
  if (work.counts)
    await foldRunCounts(dispatcherActor, {}).catch((error: unknown) => {
      log.warn({ err: error }, "counts of ended runs were not folded; the next tick tries again");
    });
  if (failure) throw failure.error;
  return result;
}
