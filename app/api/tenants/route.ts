import { z } from "zod";
import { route } from "#lib/http/route";
import { tenantSummary } from "#lib/http/schemas";
import { listMyTenants } from "#lib/overview/my-tenants";
import { endpoint } from "../endpoint.ts";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants",
    id: "listTenants",
    summary: "The caller's tenants, with role",
    description: "A user sees every tenant they are a member of, a token the one it belongs to. Not paged.",
    tag: "Tenants",
    needs: "caller",
    answer: { status: 200, description: "In the order of their names", schema: z.array(tenantSummary) },
    call: ({ actor }) => listMyTenants(actor),
  }),
});
