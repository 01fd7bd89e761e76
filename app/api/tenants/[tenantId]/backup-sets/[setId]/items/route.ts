import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { backupItem } from "#lib/http/schemas";
import { pageFields } from "#lib/pagination";
import { listBackupItems } from "#lib/sets/items";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/items",
    id: "listBackupItems",
    summary: "List the policies and foundations in a set",
    tag: "Backup sets",
    needs: "set:view",
    query: z.strictObject({
      ...pageFields,
      search: z.string().max(200, "must be at most 200 characters").optional(),
      policy_type: z.string().max(100, "must be at most 100 characters").optional(),
    }),
    answer: {
      status: 200,
      description: "In the order in which they were captured",
      schema: z.array(backupItem),
      paged: true,
    },
    call: ({ actor, ids, query }) => listBackupItems(actor, ids.tenantId, { ...query, set_id: ids.setId }),
  }),
});
