"use server";

import { action } from "#app/action.ts";
import { cancelRun } from "#lib/runs/cancel";
import { retryRun } from "#lib/runs/retry";
import { scheduleChoices } from "#lib/runs/schedule-choices";

export const retry = action(retryRun);
export const cancel = action(cancelRun);
export const findSchedules = action(scheduleChoices);
