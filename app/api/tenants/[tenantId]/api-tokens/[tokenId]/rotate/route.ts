import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { rotatedApiToken } from "#lib/http/schemas";
import { withIds } from "#lib/http/with-ids";
import { tokenRotateSchema } from "#lib/tokens/schema";
import { rotateToken } from "#lib/tokens/tokens";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/api-tokens/{tokenId}/rotate",
    id: "rotateApiToken",
    summary: "Give an API token a new secret",
    description: "The old one works a while longer. Whoever rotates a token becomes its maker.",
    tag: "API tokens",
    needs: "token:manage",
    body: { schema: tokenRotateSchema, optional: true },
    answer: { status: 200, description: "The new secret", schema: rotatedApiToken },
    errors: ["CONFLICT"],
    call: ({ actor, ids, body }) =>
      rotateToken(actor, ids.tenantId, withIds(body, { token_id: ids.tokenId })),
  }),
});
