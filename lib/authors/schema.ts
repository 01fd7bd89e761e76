import { z } from "zod";
import type { AuditLog } from "#lib/graph/audit-events";
import { idSchema } from "#lib/ids";

/**
 * What the search of one audit log came to.
 * `read`: all of it. `read_in_part`: there were more events than are looked at, or the log broke off.
 * `not_permitted`: the permission is missing, or Microsoft refused (a licence).
 * `failed`: Microsoft did not answer, or with something that is no log.
 */
export const auditLogStates = ["read", "read_in_part", "not_permitted", "failed"] as const;
export type AuditLogState = (typeof auditLogStates)[number];

/** Who changed a policy. */
export interface ChangeAuthor {
  /** A person's user principal name, or an app's name. */
  who: string;
  kind: "user" | "app" | "unknown";
  /** ISO 8601, UTC. */
  at: string;
  /** What they did, as Microsoft words it. */
  activity: string;
  operation: "create" | "update" | "delete";
}

/** Who changed what between two sets. */
export interface ChangeAuthorsReport {
  /** Per Graph id, newest first, a few each. */
  authors: Record<string, ChangeAuthor[]>;
  /** When Microsoft was asked about the newer set's changes; null when it was not (nothing had changed, or not yet). */
  looked_at: string | null;
  /** The audit logs that concern the newer set's changes, and what became of asking them. */
  logs: Partial<Record<AuditLog, AuditLogState>>;
}

/** Input of the question who changed what between two sets of one tenant. */
export const changeAuthorsSchema = z.strictObject({
  /** The newer set. */
  set_id: idSchema,
  /** The older set; without it, the one before in the same schedule. */
  with_set_id: idSchema.optional(),
  /** Only these policies; without it, all. */
  graph_ids: z
    .array(z.string().min(1).max(500, "must be at most 500 characters"))
    .max(500, "must be at most 500 ids")
    .optional(),
});
