import { z } from "zod";
import { id, instant, openObject } from "#lib/view-fields";

export const auditEntryView = z
  .strictObject({
    id,
    at: instant,
    actor_kind: z.enum(["user", "token", "system"]),
    actor_id: id.nullable(),
    actor_name: z.string(),
    action: z.string(),
    target_kind: z.string().nullable(),
    target_id: id.nullable(),
    target_name: z.string().nullable().meta({ description: "As it was then if noted, else as it is now" }),
    target_exists: z.boolean().meta({ description: "Whether it is there still; a deleted schedule is not" }),
    details: openObject,
  })
  .meta({ id: "AuditEntry" });
