import { endpoint } from "#app/api/endpoint.ts";
import { compareItems } from "#lib/compare/items";
import { itemComparison, itemComparisonQuery } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/items/{itemId}/comparison",
    id: "compareBackupItems",
    summary: "What differs in one policy, path by path, from an older item",
    tag: "Backup sets",
    needs: "set:view",
    query: itemComparisonQuery,
    answer: { status: 200, description: "The differences", schema: itemComparison },
    call: ({ actor, ids, query }) =>
      compareItems(
        actor,
        {
          tenant_id: query.with_tenant_id ?? ids.tenantId,
          set_id: query.with_set_id,
          item_id: query.with_item_id,
        },
        { tenant_id: ids.tenantId, set_id: ids.setId, item_id: ids.itemId },
      ),
  }),
});
