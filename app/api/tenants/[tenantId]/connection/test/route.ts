import { endpoint } from "#app/api/endpoint.ts";
import { testConnection } from "#lib/connection/connection";
import { route } from "#lib/http/route";
import { connectionTest } from "#lib/http/schemas";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/connection/test",
    id: "testConnection",
    summary: "Sign in to the tenant and see what is granted",
    tag: "Connection",
    needs: "connection:manage",
    answer: {
      status: 200,
      description: "What was found; ok is false when signing in failed",
      schema: connectionTest,
    },
    errors: ["CONFLICT"],
    call: ({ actor, ids }) => testConnection(actor, ids.tenantId),
  }),
});
