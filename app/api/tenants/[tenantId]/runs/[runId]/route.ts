import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { runDetails } from "#lib/http/schemas";
import { getRun } from "#lib/runs/get";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/runs/{runId}",
    id: "getRun",
    summary: "One run",
    tag: "Runs",
    needs: "run:view",
    answer: { status: 200, description: "The run", schema: runDetails },
    call: ({ actor, ids }) => getRun(actor, ids.tenantId, { run_id: ids.runId }),
  }),
});
