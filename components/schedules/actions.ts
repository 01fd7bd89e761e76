import type { BulkResult } from "#lib/runs/bulk";
import type { Run } from "#lib/runs/schema";
import type { EnableResult } from "#lib/schedules/set-enabled";
import type { Action } from "../feedback/action-result.ts";

/** The server actions on schedules of one tenant: on one, and in bulk, which the person is notified of. */
export interface ScheduleActions {
  startOne: Action<{ schedule_id: number }, Run>;
  retryOne: Action<{ schedule_id: number }, Run>;
  setOneEnabled: Action<{ schedule_id: number; is_enabled: boolean }, EnableResult>;
  removeOne: Action<{ schedule_id: number }, void>;
  start: Action<{ schedule_ids: number[] }, BulkResult>;
  retry: Action<{ schedule_ids: number[] }, BulkResult>;
  setEnabled: Action<{ schedule_ids: number[]; is_enabled: boolean; undo?: boolean }, EnableResult>;
  remove: Action<{ schedule_ids: number[] }, { deleted: number[] }>;
}
