import { endpoint } from "#app/api/endpoint.ts";
import { getConnection, saveConnection } from "#lib/connection/connection";
import { connectionSchema } from "#lib/connection/schema";
import { notFound } from "#lib/http/problem";
import { route } from "#lib/http/route";
import { connection } from "#lib/http/schemas";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/connection",
    id: "getConnection",
    summary: "How the tenant is reached",
    tag: "Connection",
    needs: "connection:view",
    answer: { status: 200, description: "Without the credential", schema: connection },
    call: async ({ actor, ids }) => {
      const saved = await getConnection(actor, ids.tenantId, {});
      if (!saved) throw notFound("No connection of this tenant was saved yet.");
      return saved;
    },
  }),
  PUT: endpoint({
    path: "/tenants/{tenantId}/connection",
    id: "saveConnection",
    summary: "Save how the tenant is reached",
    description:
      "The credential is stored encrypted and never given out; an empty one keeps what is stored, unless cloud, Entra tenant or client id change.",
    tag: "Connection",
    needs: "connection:manage",
    body: { schema: connectionSchema },
    answer: { status: 200, description: "Without the credential", schema: connection },
    call: ({ actor, ids, body }) => saveConnection(actor, ids.tenantId, body),
  }),
});
