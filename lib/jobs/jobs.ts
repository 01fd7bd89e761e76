import { applyRetentionJob } from "./apply-retention.ts";
import { changeAuthorsJob } from "./change-authors.ts";
import { compareDriftJob } from "./compare-drift.ts";
import { deliverAlertJob } from "./deliver-alert.ts";
import { dispatchJob } from "./dispatch.ts";
import { executeRestoreJob } from "./execute-restore.ts";
import { executeRunJob } from "./execute-run.ts";
import { indexAllContentsJob } from "./index-all-contents.ts";
import { indexContentsJob } from "./index-contents.ts";
import { learnDefinitionsJob } from "./learn-definitions.ts";
import { planRestoreJob } from "./plan-restore.ts";
import { routeAlertJob } from "./route-alert.ts";
import { sweepRetentionJob } from "./sweep-retention.ts";
import { verifyAffectedJob } from "./verify-affected.ts";
import { verifySetsJob } from "./verify-sets.ts";
import { watchAuditJob } from "./watch-audit.ts";

/** Every job. What is not here has no queue, and neither `enqueue` nor the worker takes it. */
export const jobs = [
  dispatchJob,
  executeRunJob,
  applyRetentionJob,
  sweepRetentionJob,
  changeAuthorsJob,
  compareDriftJob,
  learnDefinitionsJob,
  indexContentsJob,
  indexAllContentsJob,
  verifySetsJob,
  verifyAffectedJob,
  watchAuditJob,
  planRestoreJob,
  executeRestoreJob,
  routeAlertJob,
  deliverAlertJob,
] as const;

type AnyJob = (typeof jobs)[number];
export type JobName = AnyJob["name"];
export type JobNamed<N extends JobName> = Extract<AnyJob, { name: N }>;
