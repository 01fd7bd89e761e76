import { z } from "zod";
import { id, instant, openObject, sha256 } from "#lib/view-fields";

export const auditEntryView = z
  .strictObject({
    id,
    at: instant,
    actor_kind: z
      .enum(["user", "token", "system"])
      .meta({ description: "A person, an API token, or TenantPilot itself" }),
    actor_id: id.nullable().meta({ description: "Of the user or token; null for the system" }),
    actor_name: z.string().meta({ description: "As it was then" }),
    action: z.string().meta({ description: "Group and act", examples: ["run.failed"] }),
    target_kind: z
      .string()
      .nullable()
      .meta({ description: "What it was done to", examples: ["schedule"] }),
    target_id: id.nullable(),
    target_name: z.string().nullable().meta({ description: "As it was then if noted, else as it is now" }),
    target_exists: z.boolean().meta({ description: "Whether it is there still; a deleted schedule is not" }),
    details: openObject.meta({ description: "What the action notes beside it; its fields are the action's" }),
    address: z
      .string()
      .nullable()
      .meta({ description: "The IP address of the client that asked for it, where it is known" }),
    request_id: z.string().nullable().meta({ description: "The X-Request-Id of the answer" }),
    sequence: id.nullable().meta({ description: "The entry's place in the tenant's chain" }),
    hash: sha256.nullable().meta({
      description:
        "SHA-256 over the entry and the hash before it: kept elsewhere, it proves what comes before",
    }),
  })
  .meta({ id: "AuditEntry" });
