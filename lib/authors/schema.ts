import { z } from "zod";
import { idSchema } from "#lib/ids";
import { instant } from "#lib/view-fields";

/**
 * What the search of one audit log came to.
 * `read`: all of it. `read_in_part`: there were more events than are looked at, or the log broke off.
 * `not_permitted`: the permission is missing, or Microsoft refused (a license).
 * `failed`: Microsoft did not answer, or with something that is no log.
 */
export const auditLogStates = ["read", "read_in_part", "not_permitted", "failed"] as const;
export type AuditLogState = (typeof auditLogStates)[number];

const changeAuthorView = z.strictObject({
  who: z.string().meta({ description: "A user principal name, or an app's name" }),
  kind: z.enum(["user", "app", "unknown"]),
  at: instant,
  activity: z.string().meta({ description: "As Microsoft words it" }),
  operation: z.enum(["create", "update", "delete"]),
});

/** Who changed a policy. */
export type ChangeAuthor = z.infer<typeof changeAuthorView>;

export const changeAuthorsView = z.strictObject({
  authors: z
    .record(z.string(), z.array(changeAuthorView))
    .meta({ description: "Per Graph id, newest first, five at most" }),
  looked_at: instant.nullable().meta({ description: "Null when Microsoft was not asked, or not yet" }),
  logs: z
    .strictObject({ intune: z.enum(auditLogStates), entra: z.enum(auditLogStates) })
    .partial()
    .meta({ description: "The audit logs that concern the newer set's changes" }),
});

/** Who changed what between two sets. */
export type ChangeAuthorsReport = z.infer<typeof changeAuthorsView>;

/** Input of the question who changed what between two sets of one tenant. */
export const changeAuthorsSchema = z.strictObject({
  /** The newer set. */
  set_id: idSchema,
  with_set_id: idSchema
    .optional()
    .meta({ description: "The older set; without it, the one before in the same schedule" }),
  /** Only these policies; without it, all. */
  graph_ids: z
    .array(z.string().min(1).max(500, "must be at most 500 characters"))
    .max(500, "must be at most 500 ids")
    .optional(),
});
