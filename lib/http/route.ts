import { AppError } from "#lib/errors";
import { type Method, methods } from "#lib/http-binding";
import { answerRequest, type Endpoint, type EndpointDescription, type RouteContext } from "./endpoint.ts";

type Handler = (request: Request, context: RouteContext) => Promise<Response>;

/** The exports of a route file. */
export type Route = Record<Method | "OPTIONS", Handler>;

/**
 * All methods of one path: those given, and for every other one a 405 that says which there are (`Allow`).
 * HEAD is answered by Next.js from GET.
 */
export function route(served: Partial<Record<Method, Endpoint>>): Route {
  const allowed = methods.filter((method) => served[method]);
  const allow = [...allowed, ...(served.GET ? ["HEAD"] : []), "OPTIONS"].join(", ");
  const path = served[allowed[0] ?? "GET"]?.description.path ?? "";
  const refuse: Handler = (request) =>
    answerRequest(
      request,
      path,
      () => {
        throw new AppError("METHOD_NOT_ALLOWED", `This address knows ${allow}, not ${request.method}.`);
      },
      { Allow: allow },
    );
  const options: Handler = async () => new Response(null, { status: 204, headers: { Allow: allow } });
  return {
    GET: served.GET ?? refuse,
    POST: served.POST ?? refuse,
    PUT: served.PUT ?? refuse,
    PATCH: served.PATCH ?? refuse,
    DELETE: served.DELETE ?? refuse,
    OPTIONS: options,
  };
}

/** One method of one path, for the OpenAPI document. */
export interface DescribedEndpoint {
  method: Method;
  description: EndpointDescription;
}

/** What a route serves. */
export function endpointsOf(made: Route): DescribedEndpoint[] {
  return methods.flatMap((method) => {
    const handler = made[method];
    return "description" in handler ? [{ method, description: (handler as Endpoint).description }] : [];
  });
}
