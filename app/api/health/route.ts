import { publicEndpoint } from "#lib/http/endpoint";
import { route } from "#lib/http/route";
import { health } from "#lib/http/schemas";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: publicEndpoint({
    path: "/health",
    id: "getHealth",
    summary: "Whether this process lives",
    description: "Asks nothing else: it answers while the process does.",
    tag: "Service",
    needs: "nobody",
    answer: { status: 200, description: "It does", schema: health },
    respond: () => Response.json({ status: "ok" }),
  }),
});
