import { describeChanges } from "#lib/compare/describe-changes";
import { type Describers, deliverAlert } from "#lib/delivery/deliver";
import { describeDrift } from "#lib/drift/describe-drift";
import { deliverAlertJob } from "#lib/jobs/deliver-alert";
import { handles } from "../handle.ts";

const describers: Describers = {
  "policies.changed": async (tenantId, { backup_set_id }) =>
    typeof backup_set_id === "number" ? describeChanges(tenantId, backup_set_id) : null,
  "drift.found": (tenantId) => describeDrift(tenantId),
};

/**
 * Delivers alerts. Few places of their own, so that they take nothing from runs; and of one tenant two at a time, so that
 * a receiver that lets one wait holds up no other tenant's.
 */
export const deliverAlertHandler = handles({
  job: deliverAlertJob,
  places: () => 4,
  perTenant: () => 2,
  oneAfterAnother: true,
  polling: { notifyPollingIntervalSeconds: 5 },
  async handle(delivery, { stopping, claimLost }) {
    await deliverAlert(delivery, AbortSignal.any([stopping, claimLost]), describers);
  },
});
