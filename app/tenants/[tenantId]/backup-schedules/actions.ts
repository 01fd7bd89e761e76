"use server";

import { act } from "#app/action.ts";
import { effectOf, type RetentionRulesInput } from "#components/schedules/retention/retention-effect.ts";
import { previewRetention } from "#lib/retention/retention";
import { retryRun, retryRuns } from "#lib/runs/retry";
import { startRun, startRuns } from "#lib/runs/start";
import { createSchedule } from "#lib/schedules/create";
import { deleteSchedule, deleteSchedules } from "#lib/schedules/delete";
import type { ScheduleCreateInput, ScheduleUpdate } from "#lib/schedules/schema";
import { setScheduleEnabled, setSchedulesEnabled } from "#lib/schedules/set-enabled";
import { updateSchedule } from "#lib/schedules/update";

export async function createScheduleAction(tenantId: number, input: ScheduleCreateInput) {
  return act((actor) => createSchedule(actor, tenantId, input));
}

export async function updateScheduleAction(tenantId: number, schedule_id: number, changes: ScheduleUpdate) {
  return act((actor) => updateSchedule(actor, tenantId, { schedule_id, changes }));
}

export async function previewRetentionAction(
  tenantId: number,
  schedule_id: number,
  rules: RetentionRulesInput,
) {
  return act(async (actor) => effectOf(await previewRetention(actor, tenantId, { schedule_id, ...rules })));
}

export async function setScheduleEnabledAction(
  tenantId: number,
  input: { schedule_id: number; is_enabled: boolean },
) {
  return act((actor) => setScheduleEnabled(actor, tenantId, input));
}

export async function setSchedulesEnabledAction(
  tenantId: number,
  input: { schedule_ids: number[]; is_enabled: boolean; undo?: boolean },
) {
  return act((actor) => setSchedulesEnabled(actor, tenantId, input));
}

export async function deleteScheduleAction(tenantId: number, schedule_id: number) {
  return act((actor) => deleteSchedule(actor, tenantId, { schedule_id }));
}

export async function deleteSchedulesAction(tenantId: number, schedule_ids: number[]) {
  return act((actor) => deleteSchedules(actor, tenantId, { schedule_ids }));
}

export async function startRunAction(tenantId: number, schedule_id: number) {
  return act((actor) => startRun(actor, tenantId, { schedule_id }));
}

export async function retryScheduleAction(tenantId: number, schedule_id: number) {
  return act((actor) => retryRun(actor, tenantId, { schedule_id }));
}

export async function startRunsAction(tenantId: number, schedule_ids: number[]) {
  return act((actor) => startRuns(actor, tenantId, { schedule_ids }));
}

export async function retryRunsAction(tenantId: number, schedule_ids: number[]) {
  return act((actor) => retryRuns(actor, tenantId, { schedule_ids }));
}
