import { endpoint } from "#app/api/endpoint.ts";
import { policyHistory, policyHistoryQuery } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";
import { getPolicyHistory } from "#lib/sets/policy-history";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/policy-history",
    id: "getPolicyHistory",
    summary: "A policy's versions over time",
    tag: "Backup sets",
    needs: "set:view",
    query: policyHistoryQuery,
    answer: { status: 200, description: "Newest first", schema: policyHistory },
    call: ({ actor, ids, query }) => getPolicyHistory(actor, ids.tenantId, query),
  }),
});
