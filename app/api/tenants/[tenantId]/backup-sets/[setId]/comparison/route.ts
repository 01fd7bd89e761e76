import { endpoint } from "#app/api/endpoint.ts";
import { compareSets } from "#lib/compare/compare";
import { comparison, comparisonQuery } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/comparison",
    id: "compareBackupSets",
    summary: "What changed since another set, or the one before",
    tag: "Backup sets",
    needs: "set:view",
    query: comparisonQuery,
    answer: { status: 200, description: "Counts, and a page of the policies", schema: comparison },
    call: ({ actor, ids, query }) => compareSets(actor, ids.tenantId, { ...query, set_id: ids.setId }),
  }),
});
