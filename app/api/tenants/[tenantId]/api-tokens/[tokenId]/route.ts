import { revokeToken } from "#lib/access/tokens";
import { route } from "#lib/http/route";
import { endpoint } from "../../../../endpoint.ts";

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
