import type { BulkResult } from "#lib/runs/bulk";
import type { Run } from "#lib/runs/schema";
import type { EnableResult } from "#lib/schedules/set-enabled";
import type { Action } from "../feedback/action-result.ts";

/** The server actions on schedules of one tenant: on one, and in bulk, which the person is notified of. */
export interface ScheduleActions {
  startOne: Action<number, Run>;
  retryOne: Action<number, Run>;
  setOneEnabled: Action<{ schedule_id: number; is_enabled: boolean }, EnableResult>;
  removeOne: Action<number, void>;
  start: Action<number[], BulkResult>;
  retry: Action<number[], BulkResult>;
  setEnabled: Action<{ schedule_ids: number[]; is_enabled: boolean; undo?: boolean }, EnableResult>;
  remove: Action<number[], { deleted: number[] }>;
}
