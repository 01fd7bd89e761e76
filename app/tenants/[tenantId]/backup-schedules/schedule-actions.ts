import type { ScheduleActions } from "../../../../components/schedules/actions.ts";
import {
  deleteSchedulesAction,
  retryRunsAction,
  retryScheduleAction,
  setSchedulesEnabledAction,
  startRunAction,
  startRunsAction,
} from "./actions.ts";

/** The actions on schedules, bound to a tenant. */
export function scheduleActions(tenantId: number): ScheduleActions {
  return {
    startOne: startRunAction.bind(null, tenantId),
    retryOne: retryScheduleAction.bind(null, tenantId),
    start: startRunsAction.bind(null, tenantId),
    retry: retryRunsAction.bind(null, tenantId),
    setEnabled: setSchedulesEnabledAction.bind(null, tenantId),
    remove: deleteSchedulesAction.bind(null, tenantId),
  };
}
