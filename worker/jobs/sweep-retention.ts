import { retentionActor } from "#lib/access/actor";
import { purgeOldSessions } from "#lib/access/purge-sessions";
import { purgeOldAlerts } from "#lib/alerts/purge";
import { cutOldAuditEntries } from "#lib/audit/cut";
import { purgeAllChangeAuthors } from "#lib/authors/purge";
import { learnExpiries } from "#lib/connection/expiry";
import { purgeGoneDrift } from "#lib/drift/purge";
import { purgeOldIdempotencyKeys } from "#lib/http/purge-idempotency-keys";
import { watchVerification } from "#lib/integrity/overdue";
import { sweepRetentionJob } from "#lib/jobs/sweep-retention";
import { endUnconfirmedMemberships } from "#lib/members/unconfirmed";
import { purgeOldNotifications } from "#lib/notifications/purge";
import { purgeOldRuns } from "#lib/retention/purge-runs";
import { sweepRetention } from "#lib/retention/retention";
import { handles } from "../handle.ts";

/** Applies retention to all schedules, daily, removes what is of no use any more, and looks for what takes days to be late. */
export const sweepRetentionHandler = handles({
  job: sweepRetentionJob,
  oneAfterAnother: false,
  polling: { notifyPollingIntervalSeconds: 30 },
  async handle(_, { stopping }) {
    // Whatever becomes of the sets: what lies before the oldest of them, and what was read long ago, is of no use.
    const steps = [
      () => sweepRetention({ signal: stopping }),
      () => watchVerification(stopping),
      () => learnExpiries(stopping),
      () => purgeOldRuns(stopping),
      () => purgeAllChangeAuthors(stopping),
      () => purgeGoneDrift(stopping),
      () => purgeOldNotifications(stopping),
      () => purgeOldAlerts(stopping),
      () => purgeOldIdempotencyKeys(stopping),
      () => purgeOldSessions(retentionActor, {}),
      () => endUnconfirmedMemberships(stopping),
      () => cutOldAuditEntries(stopping),
    ];
    const errors: unknown[] = [];
    for (const step of steps) await step().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, "The daily sweep met trouble");
    // Back to the queue: what is left would wait for a day.
    if (stopping.aborted) throw new Error("The worker stopped before the daily sweep was done.");
  },
});
