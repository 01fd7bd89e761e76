import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { backupSet } from "#lib/http/schemas";
import { pinSet, unpinSet } from "#lib/sets/pin";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  PUT: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/pin",
    id: "pinBackupSet",
    summary: "Pin a set: retention never removes it",
    tag: "Backup sets",
    needs: "set:pin",
    answer: { status: 200, description: "The pinned set", schema: backupSet },
    errors: ["CONFLICT"],
    call: ({ actor, ids }) => pinSet(actor, ids.tenantId, { set_id: ids.setId }),
  }),
  DELETE: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/pin",
    id: "unpinBackupSet",
    summary: "Leave a set to retention again",
    tag: "Backup sets",
    needs: "set:pin",
    answer: { status: 200, description: "The set without its pin", schema: backupSet },
    call: ({ actor, ids }) => unpinSet(actor, ids.tenantId, { set_id: ids.setId }),
  }),
});
