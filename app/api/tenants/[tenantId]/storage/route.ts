import { endpoint } from "#app/api/endpoint.ts";
import { storageOverview } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";
import { getStorageOverview } from "#lib/overview/storage";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/storage",
    id: "getStorageOverview",
    summary: "What the tenant's backups take, and how that grows",
    tag: "Backup sets",
    needs: "set:view",
    answer: { status: 200, description: "Bytes", schema: storageOverview },
    call: ({ actor, ids }) => getStorageOverview(actor, ids.tenantId, {}),
  }),
});
