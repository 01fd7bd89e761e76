import type { VerifiedSet } from "#lib/integrity/verify";
import type { BackupSetView } from "#lib/sets/schema";
import type { Action } from "../feedback/action-result.ts";

/** The server actions on backup sets, bound to a tenant. */
export interface SetActions {
  verify: Action<{ set_id: number }, VerifiedSet>;
  pin: Action<{ set_id: number }, BackupSetView>;
  unpin: Action<{ set_id: number }, BackupSetView>;
  remove: Action<{ set_id: number }, BackupSetView>;
  restore: Action<{ set_id: number }, BackupSetView>;
}

/** The two steps of verifying all of a tenant's sets: which, and then some of them at a time. */
export interface VerifyAllActions {
  find: Action<{ unverified_for_hours: number }, number[]>;
  verify: Action<{ set_ids: number[] }, VerifiedSet[]>;
}
