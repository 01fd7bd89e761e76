import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { bulkDeleteResult, scheduleIdsBody } from "#lib/http/schemas";
import { deleteSchedules } from "#lib/schedules/delete";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/bulk/delete",
    id: "bulkDelete",
    summary: "Delete several schedules",
    tag: "Backup schedules",
    needs: "schedule:write",
    body: { schema: scheduleIdsBody },
    answer: { status: 200, description: "Those that were deleted", schema: bulkDeleteResult },
    call: ({ actor, ids, body }) => deleteSchedules(actor, ids.tenantId, body),
  }),
});
