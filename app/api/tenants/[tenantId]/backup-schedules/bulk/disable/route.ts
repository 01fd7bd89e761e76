import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { bulkEnableResult, scheduleIdsBody } from "#lib/http/schemas";
import { withIds } from "#lib/http/with-ids";
import { setSchedulesEnabled } from "#lib/schedules/set-enabled";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/bulk/disable",
    id: "bulkDisable",
    summary: "Disable several schedules",
    tag: "Backup schedules",
    needs: "schedule:write",
    body: { schema: scheduleIdsBody },
    answer: { status: 200, description: "What changed", schema: bulkEnableResult },
    call: ({ actor, ids, body }) =>
      setSchedulesEnabled(actor, ids.tenantId, withIds(body, { is_enabled: false })),
  }),
});
