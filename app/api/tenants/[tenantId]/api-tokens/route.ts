import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { apiToken, newApiToken } from "#lib/http/schemas";
import { tokenCreateSchema } from "#lib/tokens/schema";
import { createToken, listTokens } from "#lib/tokens/tokens";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/api-tokens",
    id: "listApiTokens",
    summary: "The API tokens of a tenant",
    tag: "API tokens",
    needs: "token:manage",
    answer: {
      status: 200,
      description: "Newest first, without the tokens themselves",
      schema: z.array(apiToken),
    },
    call: ({ actor, ids }) => listTokens(actor, ids.tenantId, {}),
  }),
  POST: endpoint({
    path: "/tenants/{tenantId}/api-tokens",
    id: "createApiToken",
    summary: "Make an API token",
    tag: "API tokens",
    needs: "token:manage",
    description: "It works while who makes it is a member, with no more than their role.",
    body: { schema: tokenCreateSchema },
    answer: { status: 201, description: "Made", schema: newApiToken },
    call: ({ actor, ids, body }) => createToken(actor, ids.tenantId, body),
  }),
});
