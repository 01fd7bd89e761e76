import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { run } from "#lib/http/schemas";
import { cancelRun } from "#lib/runs/cancel";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/runs/{runId}/cancel",
    id: "cancelScheduleRun",
    summary: "Cancel a run",
    tag: "Runs",
    needs: "run:cancel",
    answer: {
      status: 202,
      description: "A waiting run has ended; an active one ends within seconds",
      schema: run,
    },
    errors: ["NOT_ACTIVE"],
    call: ({ actor, ids }) =>
      cancelRun(actor, ids.tenantId, { run_id: ids.runId, schedule_id: ids.scheduleId }),
  }),
});
