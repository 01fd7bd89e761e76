"use server";

import { act, action } from "#app/action.ts";
import { AppError } from "#lib/errors";
import type { CallTerms } from "#lib/operation";
import { changeRestoreItems, decideReference, replanRestore } from "#lib/restore/change-plan";
import { planRestore, undoRestore } from "#lib/restore/create";
import {
  approveRestore,
  discardRestore,
  refuseRestore,
  requestRestore,
  resumeRestore,
  stopRestore,
  takeLaterStep,
} from "#lib/restore/request";

export const plan = action(planRestore);
export const undo = action(undoRestore);
export const changeItems = action(changeRestoreItems);
export const decide = action(decideReference);
export const replan = action(replanRestore);
export const stop = action(stopRestore);
export const resume = action(resumeRestore);
export const discard = action(discardRestore);
export const takeLater = action(takeLaterStep);

type AsRead<O extends (...parameters: never[]) => unknown> = Parameters<O>[2] & { version: number };

/** Asks for the plan that the page showed: not for one that somebody has changed since. */
export async function request(tenantId: number, { version, ...input }: AsRead<typeof requestRestore>) {
  return act((actor) => requestRestore(actor, tenantId, input, ofVersion(version, "ask")));
}

/** Approves the plan that the page showed. */
export async function approve(tenantId: number, { version, ...input }: AsRead<typeof approveRestore>) {
  return act((actor) => approveRestore(actor, tenantId, input, ofVersion(version, "approve")));
}

/** Refuses the plan that the page showed. */
export async function refuse(tenantId: number, { version, ...input }: AsRead<typeof refuseRestore>) {
  return act((actor) => refuseRestore(actor, tenantId, input, ofVersion(version, "decide")));
}

/** @param again what the person does once they have read the plan as it is now */
function ofVersion(version: number, again: string): Pick<CallTerms, "requireVersion"> {
  return {
    requireVersion(current) {
      if (current === version) return;
      throw new AppError(
        "PRECONDITION_FAILED",
        `Somebody changed this plan while you were reading it. Read what it says now, then ${again} again.`,
      );
    },
  };
}
