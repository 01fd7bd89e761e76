import { z } from "zod";
import { auditLogs } from "#lib/graph/audit-events";
import { clouds } from "#lib/graph/clouds";
import { directoryNames } from "#lib/names/permissions";
import { instant } from "#lib/view-fields";

export const connectionTestView = z
  .strictObject({
    ok: z.boolean(),
    message: z.string().meta({ description: "For people: what happened, and what to do about it" }),
    granted: z.array(z.string()).meta({ description: "Microsoft Graph permissions in the token" }),
    missing: z
      .record(z.string(), z.string())
      .meta({ description: "Per policy type: the permission that it lacks" }),
    change_authors: z
      .array(z.strictObject({ log: z.enum(auditLogs), granted: z.boolean(), permission: z.string() }))
      .optional()
      .meta({ description: "Optional permissions that tell who changed what" }),
    names: z
      .array(z.strictObject({ names: z.enum(directoryNames), granted: z.boolean(), permission: z.string() }))
      .optional()
      .meta({ description: "Optional permissions that give the names behind ids in policies" }),
  })
  .meta({ id: "ConnectionTest" });

export const connectionView = z
  .strictObject({
    cloud: z.enum(clouds).meta({ description: "Microsoft's cloud in which the tenant lives" }),
    entra_tenant_id: z.string().meta({ description: "Directory id" }),
    client_id: z.string().meta({ description: "Application id of the app registration" }),
    credential_kind: z.enum(["secret", "certificate"]),
    credential_expires_at: instant
      .nullable()
      .meta({ description: "When the secret or certificate expires; null: not known" }),
    updated_at: instant,
    tested_at: instant.nullable(),
    test_result: connectionTestView.nullable(),
  })
  .meta({ id: "Connection" });

export const savedConnectionView = connectionView
  .extend({
    write_connection_forgotten: z.boolean().meta({
      description:
        "There was a connection for writing, to the tenant that was connected before: enter it again",
    }),
  })
  .meta({ id: "SavedConnection" });
