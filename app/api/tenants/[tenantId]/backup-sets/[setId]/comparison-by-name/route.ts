import { endpoint } from "#app/api/endpoint.ts";
import { compareTenants } from "#lib/compare/by-name";
import { tenantComparison, tenantComparisonQuery } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/comparison-by-name",
    id: "compareTenants",
    summary: "What differs from a set of another tenant, by the policies' names",
    description: "The caller needs a role in both tenants; a token has one tenant.",
    tag: "Backup sets",
    needs: "set:view",
    query: tenantComparisonQuery,
    answer: { status: 200, description: "Counts, and a page of the policies", schema: tenantComparison },
    call: ({ actor, ids, query: { with_tenant_id, with_set_id, ...filter } }) =>
      compareTenants(
        actor,
        { tenant_id: with_tenant_id, set_id: with_set_id },
        { tenant_id: ids.tenantId, set_id: ids.setId },
        filter,
      ),
  }),
});
