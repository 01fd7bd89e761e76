"use server";

import { cancelRun } from "#lib/runs/cancel";
import { retryRun } from "#lib/runs/retry";
import { act } from "../../../action.ts";

export async function retryRunAction(tenantId: number, input: { schedule_id: number; run_id: number }) {
  return act((actor) => retryRun(actor, tenantId, input));
}

export async function cancelRunAction(tenantId: number, input: { run_id: number }) {
  return act((actor) => cancelRun(actor, tenantId, input));
}
