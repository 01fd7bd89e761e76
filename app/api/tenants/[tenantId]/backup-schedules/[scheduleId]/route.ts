import { endpoint } from "#app/api/endpoint.ts";
import { withoutPrefix } from "#lib/http/field-paths";
import { route } from "#lib/http/route";
import { backupSchedule } from "#lib/http/schemas";
import { deleteSchedule } from "#lib/schedules/delete";
import { getSchedule } from "#lib/schedules/get";
import { scheduleUpdateSchema } from "#lib/schedules/schema";
import { updateSchedule } from "#lib/schedules/update";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}",
    id: "getBackupSchedule",
    summary: "One backup schedule",
    tag: "Backup schedules",
    needs: "schedule:view",
    answer: { status: 200, description: "The schedule", schema: backupSchedule },
    call: ({ actor, ids }) => getSchedule(actor, ids.tenantId, { schedule_id: ids.scheduleId }),
  }),
  PATCH: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}",
    id: "updateBackupSchedule",
    summary: "Update a backup schedule",
    description:
      "Any of the fields. A change of timing, and enabling, set the next run anew from now. With version, refused when someone else changed the schedule since.",
    tag: "Backup schedules",
    needs: "schedule:write",
    body: { schema: scheduleUpdateSchema },
    answer: { status: 200, description: "As it is now", schema: backupSchedule },
    errors: ["EDIT_CONFLICT"],
    call: ({ actor, ids, body }) =>
      withoutPrefix(
        "changes",
        updateSchedule(actor, ids.tenantId, { schedule_id: ids.scheduleId, changes: body }),
      ),
  }),
  DELETE: endpoint({
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}",
    id: "deleteBackupSchedule",
    summary: "Delete a schedule; its runs and backup sets stay",
    tag: "Backup schedules",
    needs: "schedule:write",
    answer: { status: 204, description: "Deleted" },
    call: ({ actor, ids }) => deleteSchedule(actor, ids.tenantId, { schedule_id: ids.scheduleId }),
  }),
});
