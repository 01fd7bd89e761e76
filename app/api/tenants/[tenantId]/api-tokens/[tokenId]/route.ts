import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { revokeToken } from "#lib/tokens/tokens";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  DELETE: endpoint({
    path: "/tenants/{tenantId}/api-tokens/{tokenId}",
    id: "revokeApiToken",
    summary: "Revoke an API token",
    tag: "API tokens",
    needs: "token:manage",
    answer: { status: 204, description: "Revoked; it stops working at once" },
    call: ({ actor, ids }) => revokeToken(actor, ids.tenantId, { token_id: ids.tokenId }),
  }),
});
