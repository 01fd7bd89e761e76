import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { run } from "#lib/http/schemas";
import { startRun } from "#lib/runs/start";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/run-now",
    id: "runNow",
    summary: "Trigger a run immediately",
    description:
      "Enabled or not. While a run of the schedule is active: 409 RUN_ACTIVE, with that run as `run`.",
    tag: "Runs",
    needs: "run:start",
    answer: { status: 202, description: "The run was created and its job enqueued", schema: run },
    errors: ["RUN_ACTIVE"],
    call: ({ actor, ids }) => startRun(actor, ids.tenantId, { schedule_id: ids.scheduleId }),
  }),
});
