import type { retryRun, retryRuns } from "#lib/runs/retry";
import type { startRun, startRuns } from "#lib/runs/start";
import type { deleteSchedule, deleteSchedules } from "#lib/schedules/delete";
import type { setScheduleEnabled, setSchedulesEnabled } from "#lib/schedules/set-enabled";
import type { ActionOf } from "../feedback/action-result.ts";

/** The server actions on schedules of one tenant: on one, and in bulk, which the person is notified of. */
export interface ScheduleActions {
  startOne: ActionOf<typeof startRun>;
  retryOne: ActionOf<typeof retryRun>;
  setOneEnabled: ActionOf<typeof setScheduleEnabled>;
  removeOne: ActionOf<typeof deleteSchedule>;
  start: ActionOf<typeof startRuns>;
  retry: ActionOf<typeof retryRuns>;
  setEnabled: ActionOf<typeof setSchedulesEnabled>;
  remove: ActionOf<typeof deleteSchedules>;
}
