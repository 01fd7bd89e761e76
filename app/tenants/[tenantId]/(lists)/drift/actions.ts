"use server";

import { action } from "#app/action.ts";
import { removeBaseline } from "#lib/drift/baseline";
import { acceptDrift, denyDrift, reopenDrift } from "#lib/drift/decide";
import { restoreDrift } from "#lib/drift/restore-drift";
import { setBaseline } from "#lib/drift/set-baseline";

export const accept = action(acceptDrift);
export const deny = action(denyDrift);
export const reopen = action(reopenDrift);
export const restore = action(restoreDrift);
export const set = action(setBaseline);
export const remove = action(removeBaseline);
