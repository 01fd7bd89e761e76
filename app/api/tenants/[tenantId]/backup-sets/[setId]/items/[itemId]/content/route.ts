import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { getItemContent } from "#lib/sets/items";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/items/{itemId}/content",
    id: "getBackupItemContent",
    summary: "The stored JSON of one policy",
    tag: "Backup sets",
    needs: "set:view",
    answer: {
      status: 200,
      description: "The policy: canonical JSON (RFC 8785), exactly the bytes whose SHA-256 the item names",
      mediaType: "application/json",
    },
    call: async ({ actor, ids }) => {
      const item = await getItemContent(actor, ids.tenantId, { set_id: ids.setId, item_id: ids.itemId });
      return new Response(item.json, { headers: { "Content-Type": "application/json" } });
    },
  }),
});
