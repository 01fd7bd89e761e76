"use server";

import { act, action } from "#app/action.ts";
import { effectOf, type RetentionRulesInput } from "#components/schedules/retention/retention-effect.ts";
import { previewRetention } from "#lib/retention/retention";
import { retryRun, retryRuns } from "#lib/runs/retry";
import { startRun, startRuns } from "#lib/runs/start";
import { createSchedule } from "#lib/schedules/create";
import { deleteSchedule, deleteSchedules } from "#lib/schedules/delete";
import { setScheduleEnabled, setSchedulesEnabled } from "#lib/schedules/set-enabled";
import { updateSchedule } from "#lib/schedules/update";

export const create = action(createSchedule);
export const update = action(updateSchedule);
export const startOne = action(startRun);
export const retryOne = action(retryRun);
export const setOneEnabled = action(setScheduleEnabled);
export const removeOne = action(deleteSchedule);
export const start = action(startRuns);
export const retry = action(retryRuns);
export const setEnabled = action(setSchedulesEnabled);
export const remove = action(deleteSchedules);

/** What the rules would do, in as few figures as the form shows. */
export async function previewRules(tenantId: number, schedule_id: number, rules: RetentionRulesInput) {
  return act(async (actor) => effectOf(await previewRetention(actor, tenantId, { schedule_id, ...rules })));
}
