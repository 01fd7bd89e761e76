import type { EndpointDescription } from "#lib/http/endpoint";

// The two addresses that describe all others, apart from their routes, which import the whole list.

export const openApi: EndpointDescription = {
  path: "/openapi.json",
  id: "getOpenApi",
  summary: "This description",
  description: "Written from the schemas that parse the requests. Clients' types can be made from it.",
  tag: "Service",
  needs: "nobody",
  answer: { status: 200, description: "OpenAPI 3.1", mediaType: "application/json" },
};

export const docs: EndpointDescription = {
  path: "/docs",
  id: "getDocs",
  summary: "This description, for people",
  description: "The same as one page, which loads nothing else.",
  tag: "Service",
  needs: "nobody",
  answer: { status: 200, description: "A page", mediaType: "text/html" },
};
