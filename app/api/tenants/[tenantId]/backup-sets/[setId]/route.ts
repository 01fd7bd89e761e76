import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { backupSet, backupSetDetails } from "#lib/http/schemas";
import { inWords } from "#lib/limits";
import { removeSet } from "#lib/sets/bin";
import { binDays } from "#lib/sets/schema";
import { getBackupSet } from "#lib/sets/sets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}",
    id: "getBackupSet",
    summary: "One backup set, with what became of each policy type",
    tag: "Backup sets",
    needs: "set:view",
    answer: { status: 200, description: "The set", schema: backupSetDetails },
    call: ({ actor, ids }) => getBackupSet(actor, ids.tenantId, { set_id: ids.setId }),
  }),
  DELETE: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}",
    id: "removeBackupSet",
    summary: `Move a set to the bin, from which it can be restored for ${inWords(binDays)} days`,
    tag: "Backup sets",
    needs: "set:remove",
    answer: { status: 200, description: "The set in the bin", schema: backupSet },
    errors: ["CONFLICT"],
    call: ({ actor, ids }) => removeSet(actor, ids.tenantId, { set_id: ids.setId }),
  }),
});
