import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { eventStream } from "#lib/live/event-stream";
import { watchTenant } from "#lib/live/watch";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/live",
    id: "watchTenant",
    summary: "What changes in the tenant, live",
    tag: "Tenants",
    needs: "tenant:view",
    query: z.strictObject({
      since: z.string().max(100).optional().describe("Mark of a page, which knows what happened before it"),
    }),
    answer: {
      status: 200,
      description:
        "Server-sent events: `event` is run, schedule, set, notification, connection or resync (something may have been missed), `data` is JSON with topic and id",
      mediaType: "text/event-stream",
    },
    call: async ({ actor, ids, query, signal, reauthenticate }) => {
      const { user_id } = await watchTenant(actor, ids.tenantId, {});
      // A stream outlives what it was opened with: the session or token may end, and the membership too.
      const recheck = async () => watchTenant(await reauthenticate(), ids.tenantId, {});
      const since = query.since ?? null;
      return new Response(eventStream({ tenantId: ids.tenantId, userId: user_id, since, signal, recheck }), {
        headers: {
          "Content-Type": "text/event-stream",
          "Cache-Control": "no-cache, no-transform",
          // nginx would collect the events.
          "X-Accel-Buffering": "no",
        },
      });
    },
  }),
});
