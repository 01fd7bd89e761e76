import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { queryId } from "#lib/http/query";
import { route } from "#lib/http/route";
import { listedBackupSet } from "#lib/http/schemas";
import { pageFields } from "#lib/pagination";
import { listBackupSets } from "#lib/sets/sets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets",
    id: "listBackupSets",
    summary: "List backup sets",
    tag: "Backup sets",
    needs: "set:view",
    query: z.strictObject({
      ...pageFields,
      schedule_id: queryId.optional(),
      bin: z.stringbool("must be true or false").optional(),
    }),
    answer: {
      status: 200,
      description: "Newest first; with bin=true, those in the bin",
      schema: z.array(listedBackupSet),
      paged: true,
    },
    call: ({ actor, ids, query }) => listBackupSets(actor, ids.tenantId, query),
  }),
});
