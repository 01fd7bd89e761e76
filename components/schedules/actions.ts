import type { BulkResult } from "#lib/runs/bulk";
import type { Run } from "#lib/runs/schema";
import type { Action } from "../feedback/action-result.ts";

/** The server actions on schedules of one tenant. */
export interface ScheduleActions {
  startOne: Action<number, Run>;
  retryOne: Action<number, Run>;
  start: Action<number[], BulkResult>;
  retry: Action<number[], BulkResult>;
  setEnabled: Action<
    { schedule_ids: number[]; is_enabled: boolean },
    { changed: number[]; unchanged: number[] }
  >;
  remove: Action<number[], { deleted: number[] }>;
}
