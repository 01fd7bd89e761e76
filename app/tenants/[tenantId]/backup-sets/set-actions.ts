import type { SetActions } from "#components/backup-sets/actions.ts";
import {
  pinSetAction,
  removeSetAction,
  restoreSetAction,
  unpinSetAction,
  verifySetAction,
} from "./actions.ts";

/** The actions on backup sets, bound to a tenant. */
export function setActions(tenantId: number): SetActions {
  return {
    verify: verifySetAction.bind(null, tenantId),
    pin: pinSetAction.bind(null, tenantId),
    unpin: unpinSetAction.bind(null, tenantId),
    remove: removeSetAction.bind(null, tenantId),
    restore: restoreSetAction.bind(null, tenantId),
  };
}
