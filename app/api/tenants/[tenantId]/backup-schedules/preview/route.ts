import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { previewedOccurrence } from "#lib/http/schemas";
import { previewSchedule, schedulePreviewSchema } from "#lib/schedules/preview";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/preview",
    id: "previewBackupSchedule",
    summary: "When a schedule would run: the next 5 times, before it is saved",
    description:
      "With schedule_id they include that schedule's start offset within its window; without, they are the nominal times.",
    tag: "Backup schedules",
    needs: "schedule:view",
    body: { schema: schedulePreviewSchema },
    answer: { status: 200, description: "The next 5 runs", schema: z.array(previewedOccurrence) },
    call: ({ actor, ids, body }) => previewSchedule(actor, ids.tenantId, body),
  }),
});
