import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { previewedOccurrence } from "#lib/http/schemas";
import { previewSavedSchedule } from "#lib/schedules/preview";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/preview",
    id: "previewSavedBackupSchedule",
    summary: "When the schedule runs: the next 5 times",
    description: "A disabled schedule is shown as if it were enabled now.",
    tag: "Backup schedules",
    needs: "schedule:view",
    answer: { status: 200, description: "The next 5 runs", schema: z.array(previewedOccurrence) },
    call: ({ actor, ids }) => previewSavedSchedule(actor, ids.tenantId, { schedule_id: ids.scheduleId }),
  }),
});
