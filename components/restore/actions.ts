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
  approve: AsRead<typeof approveRestore>;
  refuse: AsRead<typeof refuseRestore>;
  stop: ActionOf<typeof stopRestore>;
  resume: ActionOf<typeof resumeRestore>;
  discard: ActionOf<typeof discardRestore>;
  takeLater: ActionOf<typeof takeLaterStep>;
  request: AsRead<typeof requestRestore>;
}

/** What is done to the plan that somebody has read, and to no other: it takes its version. */
type AsRead<O extends (...parameters: never[]) => Promise<unknown>> = Action<
  Parameters<O>[2] & { version: number },
  Awaited<ReturnType<O>>
>;

/** Begins a plan in any tenant of one's own: where it is restored to is chosen with it. */
export type PlanAction = (
  tenantId: number,
  input: Parameters<typeof planRestore>[2],
) => Promise<ActionResult<Awaited<ReturnType<typeof planRestore>>>>;
