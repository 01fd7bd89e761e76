import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { pageQuery } from "#lib/http/query";
import { route } from "#lib/http/route";
import { backupSchedule } from "#lib/http/schemas";
import { createSchedule } from "#lib/schedules/create";
import { listSchedules } from "#lib/schedules/list";
import { scheduleCreateSchema } from "#lib/schedules/schema";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-schedules",
    id: "listBackupSchedules",
    summary: "List backup schedules for a tenant",
    tag: "Backup schedules",
    needs: "schedule:view",
    query: pageQuery,
    answer: {
      status: 200,
      description: "In the order of their ids",
      schema: z.array(backupSchedule),
      paged: true,
    },
    call: ({ actor, ids, query }) => listSchedules(actor, ids.tenantId, query),
  }),
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-schedules",
    id: "createBackupSchedule",
    summary: "Create a backup schedule",
    description:
      "Weekly schedules need days_of_week, daily ones have none. What is left out takes its default.",
    tag: "Backup schedules",
    needs: "schedule:write",
    body: { schema: scheduleCreateSchema },
    answer: { status: 201, description: "Created", schema: backupSchedule },
    call: ({ actor, ids, body }) => createSchedule(actor, ids.tenantId, body),
    location: (made) => `/tenants/${made.tenant_id}/backup-schedules/${made.id}`,
  }),
});
