import { route } from "#lib/http/route";
import { tenantSummary as tenantSummarySchema } from "#lib/http/schemas";
import { tenantSummary } from "#lib/overview/my-tenants";
import { endpoint } from "../../endpoint.ts";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}",
    id: "getTenant",
    summary: "One tenant, with the caller's role and what protects it",
    tag: "Tenants",
    needs: "tenant:view",
    answer: { status: 200, description: "The tenant", schema: tenantSummarySchema },
    call: ({ actor, ids }) => tenantSummary(actor, ids.tenantId, {}),
  }),
});
