import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { knownPolicy, policySearchQuery } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";
import { searchPolicies } from "#lib/sets/policy-history";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/policies",
    id: "searchPolicies",
    summary: "Find policies by name across all backup sets",
    tag: "Backup sets",
    needs: "set:view",
    query: policySearchQuery,
    answer: {
      status: 200,
      description: "In the order of type and name",
      schema: z.array(knownPolicy),
      paged: true,
    },
    call: ({ actor, ids, query }) => searchPolicies(actor, ids.tenantId, query),
  }),
});
