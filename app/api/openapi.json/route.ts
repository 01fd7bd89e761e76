import { publicEndpoint } from "#lib/http/endpoint";
import { openApiDocument } from "#lib/http/openapi";
import { route } from "#lib/http/route";
import { openApi } from "../self-description.ts";
import { served } from "../served.ts";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: publicEndpoint({
    ...openApi,
    respond: async () =>
      Response.json(openApiDocument(await served()), { headers: { "Cache-Control": "no-cache" } }),
  }),
});
