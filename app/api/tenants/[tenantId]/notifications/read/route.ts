import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { markNotificationsRead } from "#lib/notifications/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/notifications/read",
    id: "markNotificationsRead",
    summary: "Mark notifications as read",
    description: 'Those named, or "all".',
    tag: "Notifications",
    needs: "notification:own",
    body: { schema: markNotificationsRead.definition.input },
    answer: { status: 200, description: "How many were unread", schema: z.strictObject({ marked: z.int() }) },
    call: ({ actor, ids, body }) => markNotificationsRead(actor, ids.tenantId, body),
  }),
});
