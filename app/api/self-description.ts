import type { EndpointDescription } from "#lib/http/endpoint";

// The two addresses that describe all others, apart from their routes, which import the whole list.

export const openApi: EndpointDescription = {
  path: "/openapi.json",
  id: "getOpenApi",
  summary: "This description",
  tag: "Service",
  needs: "nobody",
  answer: { status: 200, description: "OpenAPI 3.1", mediaType: "application/json" },
};

export const docs: EndpointDescription = {
  path: "/docs",
  id: "getDocs",
  summary: "This description, for people",
  tag: "Service",
  needs: "nobody",
  answer: { status: 200, description: "A page", mediaType: "text/html" },
};
