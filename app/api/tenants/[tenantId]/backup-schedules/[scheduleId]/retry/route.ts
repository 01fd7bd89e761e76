import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { retryBody, run } from "#lib/http/schemas";
import { withIds } from "#lib/http/with-ids";
import { retryRun } from "#lib/runs/retry";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/retry",
    id: "retryRun",
    summary: "Create a new run as retry",
    description: "Of the run named by run_id, else of the newest one. The old run stays as it was.",
    tag: "Runs",
    needs: "run:start",
    body: { schema: retryBody, optional: true },
    answer: { status: 202, description: "The run was created and its job enqueued", schema: run },
    errors: ["RUN_ACTIVE", "NOTHING_TO_RETRY"],
    call: ({ actor, ids, body }) =>
      retryRun(actor, ids.tenantId, withIds(body, { schedule_id: ids.scheduleId })),
  }),
});
