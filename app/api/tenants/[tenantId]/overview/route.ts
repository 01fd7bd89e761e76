import { endpoint } from "#app/api/endpoint.ts";
import { overviewQuery, tenantOverview } from "#lib/http/overview-schemas";
import { route } from "#lib/http/route";
import { inWords, overviewDays } from "#lib/limits";
import { getTenantOverview } from "#lib/overview/overview";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/overview",
    id: "getTenantOverview",
    summary: `How well the tenant is protected, and its last ${inWords(overviewDays)} days`,
    tag: "Tenants",
    needs: "tenant:view",
    query: overviewQuery,
    answer: { status: 200, description: "Protection, days and failures", schema: tenantOverview },
    call: ({ actor, ids, query }) => getTenantOverview(actor, ids.tenantId, query),
  }),
});
