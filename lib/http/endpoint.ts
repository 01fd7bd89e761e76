import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import type { Permission } from "#lib/access/permissions";
import type { ErrorCode } from "#lib/errors";
import type { Tag } from "#lib/http-binding";
import { observeRequest } from "#lib/metrics";
import { type CallTerms, parseInput } from "#lib/operation";
import type { Page } from "#lib/pagination";
import { currentRequest, withRequest } from "#lib/request-context";
import { clientOf } from "./client-address.ts";
import { entityTag, isNotModified, requireIfMatch } from "./conditional.ts";
import { answerAgain, answerOnce } from "./idempotency.ts";
import { readJsonBody } from "./json-body.ts";
import { nextPageLink } from "./page-link.ts";
import { parsePathIds } from "./path-ids.ts";
import { malformed, problemResponse } from "./problem.ts";
import { noQuery, parseQuery } from "./query.ts";
import { countRequest } from "./rate-limit.ts";

/** The parts of a request, already read. */
export interface Call {
  actor: Actor;
  ids: Readonly<Record<string, number>>;
  query: Record<string, unknown>;
  /**
   * The JSON body as it came, undefined where none is expected; an optional one that is missing is `{}`. The operation
   * parses it, after it has looked at the caller's role.
   */
  body: unknown;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  /**
   * Asks anew who sends the request, for answers that last: by then its session or token may have ended.
   * @throws AppError UNAUTHENTICATED
   */
  reauthenticate(): Promise<Actor>;
  /** What the request's headers make it depend on. */
  terms: CallTerms;
}

/** What one method of one path is, as data: the OpenAPI document is written from this. */
export interface EndpointDescription {
  /** The path below /api, with ids in braces. */
  path: string;
  /** `operationId` and one line for the OpenAPI document. */
  id: string;
  summary: string;
  description?: string;
  tag: Tag;
  /**
   * The permission of the operation that it calls; `caller`: whoever is known; `platform`: platform administrators, signed
   * in; `nobody`: open to all.
   */
  needs: Permission | "caller" | "platform" | "nobody";
  /** Strict object schema of the query; without it, no parameter is known. */
  query?: z.ZodType;
  /** The schema of the JSON body. The operation parses it; here it documents. */
  body?: { schema: z.ZodType; optional?: true };
  answer: {
    status: 200 | 201 | 202 | 204;
    description: string;
    /** Schema of the JSON answer; without it there is none, or it is of another `mediaType`. */
    schema?: z.ZodType;
    mediaType?: string;
    /** A list: the operation gives a Page, the answer is its items, and `Link` leads to the next. */
    paged?: true;
  };
  /** Codes that this endpoint answers beside those of every endpoint. */
  errors?: readonly ErrorCode[];
  /** A good answer has an ETag; a GET takes If-None-Match. */
  etag?: true;
  ifMatch?: true;
  /** It takes an Idempotency-Key. */
  idempotent?: true;
}

/** One method of one path: the request is served from this. */
export interface EndpointDefinition extends EndpointDescription {
  /** Calls one operation. A Response goes out as it is. */
  call(call: Call): Promise<unknown>;
  /** The address of what was created, below /api. */
  location?: ((result: unknown) => string) | undefined;
  /** The version of what is answered, for its ETag. */
  version?: ((result: unknown) => number) | undefined;
}

/** How Next.js hands over the parameters of a path. */
export interface RouteContext {
  params: Promise<Record<string, string | string[] | undefined>>;
}

/** A route handler that knows what it serves. */
export interface Endpoint {
  (request: Request, context: RouteContext): Promise<Response>;
  description: EndpointDescription;
}

/** Who sends a request. @throws AppError UNAUTHENTICATED, CROSS_SITE_REQUEST */
export type Authenticate = (request: Request) => Promise<Actor>;

/**
 * Makes a route handler out of a definition. In this order: who asks → ids of the path → query → body → conditions of
 * the headers → one operation → present. Whatever fails becomes a problem document; bad input never becomes a 5xx.
 */
export function endpoint(authenticate: Authenticate, definition: EndpointDefinition): Endpoint {
  const serve = async (request: Request, context: RouteContext): Promise<Response> => {
    const actor = await authenticate(request);
    const left = countRequest(actor);
    const ids = parsePathIds(definition.path, await context.params);
    const query = parseQuery(definition.query ?? noQuery, request.url) as Record<string, unknown>;
    const body = await bodyOf(definition.body, request);
    const answer = (result: unknown) => present(definition, result, request);
    const terms: CallTerms = {
      ...(definition.ifMatch ? requireIfMatch(request.headers) : {}),
      ...(definition.idempotent ? answerOnce(request, body, answer) : {}),
    };
    const reauthenticate = () => authenticate(request);
    const response = await definition
      .call({ actor, ids, query, body, signal: request.signal, reauthenticate, terms })
      .then(answer, answerAgain);
    for (const [name, value] of Object.entries(left)) response.headers.set(name, value);
    return request.method === "HEAD" ? headOf(response) : response;
  };
  const handler = (request: Request, context: RouteContext) =>
    answerRequest(request, definition.path, () => serve(request, context));
  return Object.assign(handler, { description: definition });
}

/** Makes a route handler that is open to everybody and belongs to no tenant. */
export function publicEndpoint(
  description: EndpointDescription & { respond(request: Request): Promise<Response> | Response },
): Endpoint {
  const handler = (request: Request) =>
    answerRequest(request, description.path, () => description.respond(request));
  return Object.assign(handler, { description });
}

/**
 * Answers a request, whatever happens: counts it, gives it an id, and turns errors into problem documents.
 * @param route the path's template, under which the request is counted
 */
export async function answerRequest(
  request: Request,
  route: string,
  serve: (requestId: string) => Promise<Response> | Response,
  problemHeaders: Record<string, string> = {},
): Promise<Response> {
  // The web server's, which counts what it answers.
  const outer = currentRequest();
  if (outer) outer.route = route;
  const context = outer ?? { request_id: randomUUID(), address: clientOf(request.headers) };
  const { request_id: requestId } = context;
  const started = performance.now();
  let response: Response;
  try {
    response = await withRequest(context, () => serve(requestId));
  } catch (error) {
    response = problemResponse(error, requestId, problemHeaders);
  }
  response.headers.set("X-Request-Id", requestId);
  if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "no-store");
  if (!outer) {
    const seconds = (performance.now() - started) / 1000;
    observeRequest({ method: request.method, route, status: response.status }, seconds);
  }
  return response;
}

/**
 * The body of a request. Where none is expected there may be an empty object, as some clients send it: who says more than that
 * would take it for heard. The body of a GET means nothing (RFC 9110, section 9.3.1), and is not looked at.
 */
async function bodyOf(expected: EndpointDescription["body"], request: Request): Promise<unknown> {
  if (!expected && (request.method === "GET" || request.method === "HEAD")) return undefined;
  const body = await readJsonBody(request);
  if (!expected) {
    if (body !== undefined) parseInput(noBody, body);
    return undefined;
  }
  if (body !== undefined) return body;
  if (expected.optional) return {};
  throw malformed("The request has no body; send one as JSON.");
}

/** The body of an endpoint that expects none. */
const noBody = z.strictObject({});

/**
 * The answer to a HEAD, which is served by its GET. Nobody reads its body, and one that is a stream would go on: an event
 * stream for hours.
 */
async function headOf(response: Response): Promise<Response> {
  await response.body?.cancel();
  const { status, headers } = response;
  return new Response(null, { status, headers });
}

function present(
  { answer, location, version }: EndpointDefinition,
  result: unknown,
  request: Request,
): Response {
  if (result instanceof Response) return result;
  if (answer.status === 204) return new Response(null, { status: 204 });
  const headers = new Headers({ "Content-Type": "application/json" });
  if (location) headers.set("Location", `/api${location(result)}`);
  let body: unknown = result;
  if (answer.paged) {
    const { items, next_cursor } = result as Page<unknown>;
    if (next_cursor !== null) headers.set("Link", nextPageLink(request.url, next_cursor));
    body = items;
  }
  const text = JSON.stringify(body);
  if (version) {
    const etag = entityTag(version(result), text);
    headers.set("ETag", etag);
    if ((request.method === "GET" || request.method === "HEAD") && isNotModified(request.headers, etag))
      return new Response(null, { status: 304, headers: { ETag: etag } });
  }
  return new Response(text, { status: answer.status, headers });
}
