import type { setsToVerify, verifySet, verifySets } from "#lib/integrity/verify";
import type { removeSet, restoreSet } from "#lib/sets/bin";
import type { pinSet, unpinSet } from "#lib/sets/pin";
import type { ActionOf } from "../feedback/action-result.ts";

/** The server actions on backup sets, bound to a tenant. */
export interface SetActions {
  verify: ActionOf<typeof verifySet>;
  pin: ActionOf<typeof pinSet>;
  unpin: ActionOf<typeof unpinSet>;
  remove: ActionOf<typeof removeSet>;
  restore: ActionOf<typeof restoreSet>;
}

/** The two steps of verifying all of a tenant's sets: which, and then some of them at a time. */
export interface VerifyAllActions {
  find: ActionOf<typeof setsToVerify>;
  verify: ActionOf<typeof verifySets>;
}
