import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { bulkRunResult, scheduleIdsBody } from "#lib/http/schemas";
import { startRuns } from "#lib/runs/start";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/bulk/run-now",
    id: "bulkRunNow",
    summary: "Run now, for several schedules",
    tag: "Runs",
    needs: "run:start",
    body: { schema: scheduleIdsBody },
    answer: { status: 202, description: "What became of each", schema: bulkRunResult },
    call: ({ actor, ids, body }) => startRuns(actor, ids.tenantId, body),
  }),
});
