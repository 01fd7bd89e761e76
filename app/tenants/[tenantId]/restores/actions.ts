"use server";

import { act, action } from "#app/action.ts";
import { AppError } from "#lib/errors";
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
export const approve = action(approveRestore);
export const refuse = action(refuseRestore);
export const stop = action(stopRestore);
export const resume = action(resumeRestore);
export const discard = action(discardRestore);
export const takeLater = action(takeLaterStep);

type RequestInput = Parameters<typeof requestRestore>[2];

/** Asks for the plan that the page showed: not for one that somebody has changed since. */
export async function request(tenantId: number, { version, ...input }: RequestInput & { version: number }) {
  return act((actor) =>
    requestRestore(actor, tenantId, input, {
      requireVersion(current) {
        if (current === version) return;
        throw new AppError(
          "PRECONDITION_FAILED",
          "Somebody changed this plan while you were reading it. Read what it says now, then ask again.",
        );
      },
    }),
  );
}
