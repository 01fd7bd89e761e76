import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { notification } from "#lib/http/schemas";
import { listNotifications } from "#lib/notifications/list";
import { pageFields } from "#lib/pagination";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/notifications",
    id: "listNotifications",
    summary: "The caller's own notifications",
    description: "A token has none.",
    tag: "Notifications",
    needs: "notification:own",
    query: z.strictObject({
      ...pageFields,
      unread: z.enum(["true", "false"], "must be true or false").optional(),
    }),
    answer: { status: 200, description: "Newest first", schema: z.array(notification), paged: true },
    call: ({ actor, ids, query: { unread, ...page } }) =>
      listNotifications(actor, ids.tenantId, { ...page, unread: unread === "true" }),
  }),
});
