import { endpoint } from "#app/api/endpoint.ts";
import { setNames } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";
import { getSetNames } from "#lib/sets/read-names";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/names",
    id: "getBackupSetNames",
    summary: "What the ids in a set's policies stand for",
    description: "Groups, users, apps, roles, filters, tags, as they were called when the set was made.",
    tag: "Backup sets",
    needs: "set:view",
    answer: { status: 200, description: "Names by kind and id", schema: setNames },
    call: ({ actor, ids }) => getSetNames(actor, ids.tenantId, { set_id: ids.setId }),
  }),
});
