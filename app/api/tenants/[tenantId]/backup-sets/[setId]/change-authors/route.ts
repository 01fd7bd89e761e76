import { endpoint } from "#app/api/endpoint.ts";
import { changeAuthorsReport as readChangeAuthors } from "#lib/authors/change-authors";
import { changeAuthorsQuery, changeAuthorsReport } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/change-authors",
    id: "getChangeAuthors",
    summary: "Who changed what since another set, or the one before",
    description:
      "As far as the connection may read Microsoft's audit logs. Late events appear within the hour.",
    tag: "Backup sets",
    needs: "set:view",
    query: changeAuthorsQuery,
    answer: { status: 200, description: "People and apps, per policy", schema: changeAuthorsReport },
    call: ({ actor, ids, query }) => readChangeAuthors(actor, ids.tenantId, { ...query, set_id: ids.setId }),
  }),
});
