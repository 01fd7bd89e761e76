import { publicEndpoint } from "#lib/http/endpoint";
import { openApiDocument } from "#lib/http/openapi";
import { openApiPage } from "#lib/http/openapi-page";
import { route } from "#lib/http/route";
import { docs } from "../self-description.ts";
import { served } from "../served.ts";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: publicEndpoint({
    ...docs,
    respond: async () =>
      new Response(openApiPage(openApiDocument(await served())), {
        headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache" },
      }),
  }),
});
