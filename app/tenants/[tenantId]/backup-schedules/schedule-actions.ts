import type { ScheduleActions } from "#components/schedules/actions.ts";
import {
  deleteScheduleAction,
  deleteSchedulesAction,
  retryRunsAction,
  retryScheduleAction,
  setScheduleEnabledAction,
  setSchedulesEnabledAction,
  startRunAction,
  startRunsAction,
} from "./actions.ts";

/** The actions on schedules, bound to a tenant. */
export function scheduleActions(tenantId: number): ScheduleActions {
  return {
    startOne: startRunAction.bind(null, tenantId),
    retryOne: retryScheduleAction.bind(null, tenantId),
    setOneEnabled: setScheduleEnabledAction.bind(null, tenantId),
    removeOne: deleteScheduleAction.bind(null, tenantId),
    start: startRunsAction.bind(null, tenantId),
    retry: retryRunsAction.bind(null, tenantId),
    setEnabled: setSchedulesEnabledAction.bind(null, tenantId),
    remove: deleteSchedulesAction.bind(null, tenantId),
  };
}
