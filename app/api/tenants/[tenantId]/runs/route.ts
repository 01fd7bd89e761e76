import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { tenantRunQuery } from "#lib/http/query";
import { route } from "#lib/http/route";
import { runInList } from "#lib/http/schemas";
import { listRuns } from "#lib/runs/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/runs",
    id: "listRuns",
    summary: "List runs of all schedules of a tenant",
    tag: "Runs",
    needs: "run:view",
    query: tenantRunQuery,
    answer: { status: 200, description: "Newest first", schema: z.array(runInList), paged: true },
    call: ({ actor, ids, query }) => listRuns(actor, ids.tenantId, query),
  }),
});
