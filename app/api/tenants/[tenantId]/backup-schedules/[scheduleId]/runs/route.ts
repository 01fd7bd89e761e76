import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { runQuery } from "#lib/http/query";
import { route } from "#lib/http/route";
import { runInList } from "#lib/http/schemas";
import { listRuns } from "#lib/runs/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/runs",
    id: "listScheduleRuns",
    summary: "List runs for a schedule",
    description: "Also of a deleted schedule.",
    tag: "Runs",
    needs: "run:view",
    query: runQuery,
    answer: { status: 200, description: "Newest first", schema: z.array(runInList), paged: true },
    call: ({ actor, ids, query }) => listRuns(actor, ids.tenantId, { ...query, schedule_id: ids.scheduleId }),
  }),
});
