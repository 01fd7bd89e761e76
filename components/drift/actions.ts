import type { removeBaseline } from "#lib/drift/baseline";
import type { acceptDrift, denyDrift, reopenDrift } from "#lib/drift/decide";
import type { restoreDrift } from "#lib/drift/restore-drift";
import type { setBaseline } from "#lib/drift/set-baseline";
import type { ActionOf } from "../feedback/action-result.ts";

/** The server actions on differences from the baseline, bound to a tenant. */
export interface DriftActions {
  accept: ActionOf<typeof acceptDrift>;
  deny: ActionOf<typeof denyDrift>;
  reopen: ActionOf<typeof reopenDrift>;
  restore: ActionOf<typeof restoreDrift>;
}

/** The server actions on a tenant's baseline, bound to it. */
export interface BaselineActions {
  set: ActionOf<typeof setBaseline>;
  remove: ActionOf<typeof removeBaseline>;
}
