import { alertsActor } from "#lib/access/actor";
import { routeAlert } from "#lib/alerts/route";
import { routeAlertJob } from "#lib/jobs/route-alert";
import { handles } from "../handle.ts";

/** Finds the targets of events. */
export const routeAlertHandler = handles({
  job: routeAlertJob,
  oneAfterAnother: true,
  polling: { notifyPollingIntervalSeconds: 5 },
  async handle({ tenant_id, event_id }) {
    await routeAlert(alertsActor, { tenant_id, event_id });
  },
});
