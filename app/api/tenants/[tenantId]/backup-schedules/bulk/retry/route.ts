import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { bulkRunResult, scheduleIdsBody } from "#lib/http/schemas";
import { retryRuns } from "#lib/runs/retry";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/bulk/retry",
    id: "bulkRetry",
    summary: "Retry the newest run of several schedules",
    tag: "Runs",
    needs: "run:start",
    body: { schema: scheduleIdsBody },
    answer: { status: 202, description: "What became of each", schema: bulkRunResult },
    call: ({ actor, ids, body }) => retryRuns(actor, ids.tenantId, body),
  }),
});
