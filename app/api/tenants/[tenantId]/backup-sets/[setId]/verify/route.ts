import { endpoint } from "#app/api/endpoint.ts";
import { verifiedSet } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";
import { verifySet } from "#lib/integrity/verify";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/verify",
    id: "verifyBackupSet",
    summary: "Recompute everything and find any damage",
    description: "Hashes every stored policy anew, and the manifest. Managers and owners hear of new damage.",
    tag: "Backup sets",
    needs: "set:verify",
    answer: { status: 200, description: "What was found; also kept on the set", schema: verifiedSet },
    call: ({ actor, ids }) => verifySet(actor, ids.tenantId, { set_id: ids.setId }),
  }),
});
