import type { PgBoss } from "pg-boss";
import { type JobName, type JobNamed, jobs } from "#lib/jobs/jobs";
import { type JobHandler, work } from "./handle.ts";
import { applyRetentionHandler } from "./jobs/apply-retention.ts";
import { changeAuthorsHandler } from "./jobs/change-authors.ts";
import { compareDriftHandler } from "./jobs/compare-drift.ts";
import { deliverAlertHandler } from "./jobs/deliver-alert.ts";
import { dispatchHandler } from "./jobs/dispatch.ts";
import { executeRestoreHandler } from "./jobs/execute-restore.ts";
import { executeRunHandler } from "./jobs/execute-run.ts";
import { indexAllContentsHandler } from "./jobs/index-all-contents.ts";
import { indexContentsHandler } from "./jobs/index-contents.ts";
import { learnDefinitionsHandler } from "./jobs/learn-definitions.ts";
import { planRestoreHandler } from "./jobs/plan-restore.ts";
import { routeAlertHandler } from "./jobs/route-alert.ts";
import { sweepRetentionHandler } from "./jobs/sweep-retention.ts";
import { verifyAffectedHandler } from "./jobs/verify-affected.ts";
import { verifySetsHandler } from "./jobs/verify-sets.ts";
import { watchAuditHandler } from "./jobs/watch-audit.ts";

/** What the worker does with each job. A job that is missing here does not compile. */
const handlers: { [N in JobName]: JobHandler<N, JobNamed<N>["payload"]> } = {
  dispatch: dispatchHandler,
  "execute-run": executeRunHandler,
  "apply-retention": applyRetentionHandler,
  "sweep-retention": sweepRetentionHandler,
  "change-authors": changeAuthorsHandler,
  "compare-drift": compareDriftHandler,
  "learn-definitions": learnDefinitionsHandler,
  "index-contents": indexContentsHandler,
  "index-all-contents": indexAllContentsHandler,
  "verify-sets": verifySetsHandler,
  "verify-affected": verifyAffectedHandler,
  "watch-audit": watchAuditHandler,
  "plan-restore": planRestoreHandler,
  "execute-restore": executeRestoreHandler,
  "route-alert": routeAlertHandler,
  "deliver-alert": deliverAlertHandler,
};

/** Takes up the jobs of every queue until `stopping`. */
export async function workAll(boss: PgBoss, stopping: AbortSignal): Promise<void> {
  for (const handler of Object.values(handlers)) await work(boss, handler, stopping);
}

/**
 * Takes up no more jobs; those in hand go on. Comes before `stopping` aborts: the worker must not take up the very runs
 * that it hands back.
 */
export async function takeUpNoMore(boss: PgBoss): Promise<void> {
  for (const { name } of jobs) await boss.offWork(name, { wait: false }).catch(() => undefined);
}
