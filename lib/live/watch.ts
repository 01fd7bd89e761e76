import { z } from "zod";
import { env } from "#lib/env";
import { operation } from "#lib/operation";
import { eventStream } from "./event-stream.ts";

/**
 * Whether the actor may watch this tenant live, and as which user or token. A stream asks again while it lasts, since a membership
 * can end.
 */
export const watchTenant = operation({
  name: "live.watch",
  permission: "tenant:view",
  effect: "read",
  input: z.strictObject({
    since: z.string().max(100).optional().describe("Mark of a page, which knows what happened before it"),
  }),
  output: z.strictObject({ user_id: z.int().nullable(), since: z.string().nullable() }),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/live",
    operationId: "watchTenant",
    summary: "What changes in the tenant, live",
    tag: "Tenants",
    answer:
      "Server-sent events: `event` is run, schedule, set, notification, connection, restore, incident, drift or resync (something may have been missed), `data` is JSON with topic and id",
    mediaType: "text/event-stream",
    errors: ["RATE_LIMITED"],
    respond({ since }, { actor, tenantId, signal, reauthenticate }): Response {
      // A stream outlives what it was opened with: the session or token may end, and the membership too.
      const recheck = async (): Promise<unknown> => watchTenant(await reauthenticate(), tenantId, {});
      const stream = eventStream({
        tenantId,
        reader: actor,
        mostPerCaller: env().EVENT_STREAMS_PER_CALLER,
        since,
        signal,
        recheck,
      });
      return new Response(stream, {
        headers: {
          "Content-Type": "text/event-stream",
          "Cache-Control": "no-cache, no-transform",
          // nginx would collect the events.
          "X-Accel-Buffering": "no",
        },
      });
    },
  },
  async run({ actor }, { since }) {
    return { user_id: actor.kind === "user" ? actor.id : null, since: since ?? null };
  },
});
