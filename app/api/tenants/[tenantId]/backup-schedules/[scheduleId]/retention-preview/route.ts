import { endpoint } from "#app/api/endpoint.ts";
import { retentionPreview, retentionQuery } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";
import { previewRetention } from "#lib/retention/retention";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/retention-preview",
    id: "previewRetention",
    summary: "Which sets retention would remove and keep",
    description: "With the rules given, else with the schedule's own. Nothing is changed.",
    tag: "Backup schedules",
    needs: "set:view",
    query: retentionQuery,
    answer: { status: 200, description: "The exact sets", schema: retentionPreview },
    call: ({ actor, ids, query }) =>
      previewRetention(actor, ids.tenantId, { ...query, schedule_id: ids.scheduleId }),
  }),
});
