"use server";

import { act } from "#app/action.ts";
import { cancelRun } from "#lib/runs/cancel";
import { retryRun } from "#lib/runs/retry";
import { scheduleChoices } from "#lib/runs/schedule-choices";

export async function retryRunAction(tenantId: number, input: { schedule_id: number; run_id: number }) {
  return act((actor) => retryRun(actor, tenantId, input));
}

export async function cancelRunAction(tenantId: number, input: { run_id: number }) {
  return act((actor) => cancelRun(actor, tenantId, input));
}

export async function findScheduleChoicesAction(tenantId: number, input: { search: string }) {
  return act((actor) => scheduleChoices(actor, tenantId, input));
}
