import type { AuditAction, auditActions } from "./actions.ts";

type TargetOf<A extends AuditAction> = (typeof auditActions)[A]["target"];

/** One entry of the audit log, as an operation notes it: about what its action is about. Details never hold secrets. */
export type AuditEntryInput = {
  [A in AuditAction]: { action: A; details?: Record<string, unknown> } & (TargetOf<A> extends null
    ? { target?: undefined }
    : { target: { kind: TargetOf<A>; id: number } });
}[AuditAction];
