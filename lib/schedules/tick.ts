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
import { watchSchedules } from "./watch.ts";

/** What one tick did. */
export interface TickResult {
  claimed: number;
  started: number;
  skipped: number;
  lost: number;
}

/**
 * One tick: dispatches everything that is due, batch by batch, then ends the runs whose job was lost, and folds the
 * counts of ended runs.
 * @param options.at ISO instant in place of the database's clock
 * @param options.batch schedules a transaction
 * @param signal stops between two batches
 */
export async function tick(
  options: { at?: string; batch?: number } = {},
  signal?: AbortSignal,
): Promise<TickResult> {
  const result: TickResult = { claimed: 0, started: 0, skipped: 0, lost: 0 };
  await watchSchedules(dispatcherActor, options.at === undefined ? {} : { at: options.at }).catch(
    (error: unknown) =>
      log.error({ err: error }, "overdue backups were not looked for; the next tick tries again"),
  );
  for (let more = true; more && !signal?.aborted; ) {
    const batch = await dispatchBatch(dispatcherActor, options).catch((error: unknown) => {
      observeTick("failed");
      throw error;
    });
    result.claimed += batch.claimed;
    result.started += batch.started;
    result.skipped += batch.skipped;
    for (const error_code of batch.skipped_for) observeRunEnd({ status: "skipped", error_code }, null);
    more = batch.more;
  }
  observeTick("ok");
  // Neither of these keeps the other from its work, and the next minute's tick does both again.
  result.lost = await sweepLostRuns().catch((error: unknown) => {
    log.error({ err: error }, "lost runs were not looked for; the next tick tries again");
    return 0;
  });
  await watchExpiry(dispatcherActor, {}).catch((error: unknown) =>
    log.error({ err: error }, "expiring credentials were not looked for; the next tick tries again"),
  );
  for (const lookAfter of [resumeLostAlerts, repeatAlerts, writeDigests])
    await lookAfter(alertsActor, {}).catch((error: unknown) => {
      log.error({ err: error }, "alerts were not looked after; the next tick tries again");
    });
  await foldRunCounts(dispatcherActor, {}).catch((error: unknown) => {
    log.warn({ err: error }, "counts of ended runs were not folded; the next tick tries again");
  });
  return result;
}
