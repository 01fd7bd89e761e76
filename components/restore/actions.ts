import type { changeRestoreItems, decideReference, replanRestore } from "#lib/restore/change-plan";
import type { planRestore, undoRestore } from "#lib/restore/create";
import type {
  approveRestore,
  discardRestore,
  refuseRestore,
  requestRestore,
  resumeRestore,
  stopRestore,
  takeLaterStep,
} from "#lib/restore/request";
import type { Action, ActionOf, ActionResult } from "../feedback/action-result.ts";

/** The server actions on one restore, bound to its tenant. */
export interface RestoreActions {
  undo: ActionOf<typeof undoRestore>;
  changeItems: ActionOf<typeof changeRestoreItems>;
  decide: ActionOf<typeof decideReference>;
  replan: ActionOf<typeof replanRestore>;
  approve: ActionOf<typeof approveRestore>;
  refuse: ActionOf<typeof refuseRestore>;
  stop: ActionOf<typeof stopRestore>;
  resume: ActionOf<typeof resumeRestore>;
  discard: ActionOf<typeof discardRestore>;
  takeLater: ActionOf<typeof takeLaterStep>;
  request: Action<
    Parameters<typeof requestRestore>[2] & { version: number },
    Awaited<ReturnType<typeof requestRestore>>
  >;
}

/** Begins a plan in any tenant of one's own: where it is restored to is chosen with it. */
export type PlanAction = (
  tenantId: number,
  input: Parameters<typeof planRestore>[2],
) => Promise<ActionResult<Awaited<ReturnType<typeof planRestore>>>>;
