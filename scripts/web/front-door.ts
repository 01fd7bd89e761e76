import { randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { BlockList } from "node:net";
import { clientAddress, clientAddressHeader, isTrustedProxy } from "#lib/http/client-address";
import { isFromOwnPages } from "#lib/http/own-origin";
import { retryAfterSeconds } from "#lib/http/retry-after";
import { watchAction } from "#lib/http/server-action";
import { type RequestContext, withRequest } from "#lib/request-context";
import { isStopping } from "#lib/stopping";
import { isTracing, traced, untraced } from "#lib/tracing";
import { type AccessLog, isLogged, recordAnswer } from "./access-log.ts";
import type { CompressedFile } from "./compressed-files.ts";
import { contentSecurityPolicy } from "./content-security-policy.ts";
import { knownHosts } from "./known-hosts.ts";
import { type Refusal, writeRefusal } from "./refusal.ts";
import { announcesTooMuch, bodyLimit, drain, hasBody, readBody, withBody } from "./request-body.ts";
import { type Asked, readTarget } from "./request-target.ts";
import type { RouteOf } from "./routes.ts";

export interface FrontDoorOptions {
  /** Answers what was let in: Next.js. */
  handle(request: IncomingMessage, response: ServerResponse): unknown;
  /** The compressed file to send in place of the one that was asked for. */
  compressed(url: string | undefined, accepted: string | undefined): CompressedFile | null;
  /** The proxies whose X-Forwarded-For and X-Forwarded-Host are believed; null when nobody said. */
  trustedProxies: BlockList | null;
  /** The address that browsers know the service by. */
  publicUrl: string;
  /** Further names by which it may be asked. */
  trustedHosts: readonly string[];
  /** Paths that answer whatever name they are asked by: probes and scrapers know an address only. */
  nameless: readonly string[];
  /** As what a request is counted and logged. */
  routeOf: RouteOf;
  accessLog: AccessLog;
  /** Hears of a request that another site's page sent. */
  refusedCrossSite?(client: string | null): void;
}

/** A year and more, and for names below as well (OWASP ASVS 5.0, 3.4.1). */
const strictTransport = "max-age=63072000; includeSubDomains";

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * What every request passes before Next.js sees it. Every answer gets a content security policy with a nonce of its own;
 * scripts and styles go out as the build has compressed them. What cannot be a request of ours is refused here, with a
 * problem document: a target that cannot be read, a method that nothing answers, a name that is not ours, what another
 * site's page sent to change something, a body that is larger than any of ours. Bodies are read here, so that nothing behind
 * holds more than the limit, however it reads.
 */
export function createFrontDoor(options: FrontDoorOptions): Server {
  const letIn = doorkeeper(options);
  return createServer((request, response) => {
    const address = clientAddress(
      request.socket.remoteAddress,
      one(request.headers["x-forwarded-for"]),
      options.trustedProxies,
    );
    // By this header the application knows it; what a client sent in its place is overwritten.
    request.headers[clientAddressHeader] = address ?? "";
    const context: RequestContext = { request_id: requestIdOf(request), address };
    response.setHeader("X-Request-Id", context.request_id);
    const { method, url } = request;
    const route = () => routeOfTarget(options.routeOf, method, url);
    const headSent = recordAnswer(request, response, context, route, options.accessLog);
    changeHead(response, (status) => {
      if (isStopping()) response.setHeader("Connection", "close");
      response.statusCode = status;
      headSent();
      return status;
    });
    const answer = () => withRequest(context, () => letIn(request, response, context));
    const logged = isLogged(request, options.accessLog.exclude);
    (isTracing() ? (logged ? inSpan(request, response, context, answer) : untraced(answer)) : answer()).catch(
      () => {
        // The client is gone, or what it sends is no HTTP: there is nobody to answer.
        request.socket.destroy();
      },
    );
  });
}

/** A span of the whole request, until its answer is sent; Next.js' own are below it. */
function inSpan(
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
  answer: () => Promise<void>,
): Promise<void> {
  const { method = "GET", headers } = request;
  const attributes = { "http.request.method": method, "tenantpilot.request_id": context.request_id };
  return traced(method, { kind: "server", attributes, headers }, async (span) => {
    const closed = new Promise((resolve) => response.once("close", resolve));
    await answer();
    await closed;
    span.rename(`${method} ${context.route ?? ""}`.trim());
    span.set({
      "http.route": context.route,
      "http.response.status_code": response.statusCode,
      "tenantpilot.tenant_id": context.tenant_id,
    });
  });
}

/**
 * The id that a proxy, or whoever asks, has given the request; one of ours where that is none that a log can hold. It says
 * which request it is, and never who sent it.
 */
function requestIdOf({ headers }: IncomingMessage): string {
  const given = one(headers["x-request-id"]) ?? "";
  return /^[\w.:-]{8,128}$/.test(given) ? given : randomUUID();
}

function routeOfTarget(routeOf: RouteOf, method: string | undefined, url: string | undefined): string {
  const target = readTarget(method, url);
  return "refusal" in target ? "unknown" : routeOf(method, target.path);
}

function doorkeeper({
  handle,
  compressed,
  trustedProxies,
  publicUrl,
  trustedHosts,
  nameless,
  refusedCrossSite,
}: FrontDoorOptions) {
  const isOurs = knownHosts(publicUrl, trustedHosts);
  const { protocol, host: publicHost } = new URL(publicUrl);
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    context: RequestContext,
  ): Promise<void> => {
    const { headers } = request;
    const nonce = randomBytes(16).toString("base64");
    const policy = contentSecurityPolicy(nonce);
    response.setHeader("Content-Security-Policy", policy);
    if (protocol === "https:") response.setHeader("Strict-Transport-Security", strictTransport);
    // By these Next.js, and the root layout, know the nonce; what a client sent in their place is overwritten.
    headers["content-security-policy"] = policy;
    headers["x-nonce"] = nonce;
    const peer = request.socket.remoteAddress;
    const target = readTarget(request.method, request.url);
    if ("refusal" in target) return refuse(request, response, target.refusal);
    const forwardedHost = isTrustedProxy(peer, trustedProxies) ? one(headers["x-forwarded-host"]) : undefined;
    const host = target.authority ?? forwardedHost ?? headers.host ?? publicHost;
    if (!isOurs(host) && !nameless.includes(target.path)) return refuse(request, response, notOurs);
    // What Next.js and next-auth take the service's own address from is what was just held against the settings.
    Object.assign(headers, { host, "x-forwarded-host": host, "x-forwarded-proto": protocol.slice(0, -1) });
    const sender = { site: one(headers["sec-fetch-site"]) ?? null, origin: headers.origin ?? null };
    if (
      !safeMethods.has(request.method ?? "GET") &&
      // The API itself asks for more of a session, and nothing of a token, which no browser sends by itself.
      !/^\/api\/(?!auth\/)/.test(target.path) &&
      isFromOwnPages(sender, publicUrl, host) === false
    ) {
      refusedCrossSite?.(one(headers[clientAddressHeader]) || null);
      return refuse(request, response, fromElsewhere);
    }
    const isApi = target.path.startsWith("/api/");
    // The API says itself what is wrong; next-auth takes whatever fails for a wrong password.
    if (!isApi) {
      blameTheDatabase(response, context, 500);
      sayRefusal(response, context);
    } else if (target.path.startsWith("/api/auth/")) blameTheDatabase(response, context, 401);
    if (isApi || request.method !== "POST") return pass(request, response, target);
    return watchAction((hasBegun) => {
      blameTheSender(response, hasBegun);
      return pass(request, response, target);
    });
  };

  async function pass(request: IncomingMessage, response: ServerResponse, target: Asked): Promise<void> {
    const file = compressed(target.url, one(request.headers["accept-encoding"]));
    request.url = file?.url ?? target.url;
    if (file) response.setHeaders(new Map(Object.entries(file.headers)));
    if (!hasBody(request)) return void handle(request, response);
    const limit = bodyLimit(target.path);
    const body = announcesTooMuch(request, limit) ? null : await readBody(request, limit);
    if (body === null) return refuse(request, response, tooLarge(limit));
    handle(withBody(request, body), response);
  }
}

/** Next.js answers 500 when it cannot decode the arguments of a server action: that is the sender's mistake. */
function blameTheSender(response: ServerResponse, hasBegun: () => boolean): void {
  changeHead(response, (status) => (status === 500 && !hasBegun() ? 400 : status));
}

/** Whatever fails under a page has the same status: when it was the database, it passes, and is 503. */
function blameTheDatabase(response: ServerResponse, context: RequestContext, failed: number): void {
  changeHead(response, (status) => {
    if (status !== failed || !context.database_trouble) return status;
    response.setHeader("Retry-After", retryAfterSeconds[503]);
    return 503;
  });
}

/**
 * Somebody whose membership ends while a page is being built is refused by some of its operations and not by others, which
 * Next.js takes for a fault: it is the refusal.
 */
function sayRefusal(response: ServerResponse, context: RequestContext): void {
  changeHead(response, (status) => (status === 500 ? (context.refused_with ?? status) : status));
}

/** Lets `change` see an answer's status before it is sent, and say another. */
function changeHead(response: ServerResponse, change: (status: number) => number): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = (status: number, ...more: unknown[]) => writeHead(change(status), ...more);
}

async function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): Promise<void> {
  writeRefusal(response, refusal);
  if (hasBody(request)) await drain(request);
  response.end();
}

const notOurs: Refusal = {
  code: "MALFORMED_REQUEST",
  detail:
    "This service does not go by the name that the request asks for. Its operator sets NEXTAUTH_URL and TRUSTED_HOSTS, " +
    "and lets a reverse proxy pass on Host.",
};

const fromElsewhere: Refusal = {
  code: "CROSS_SITE_REQUEST",
  detail: "A page of another site sent this request. Open TenantPilot itself, and try again there.",
};

function tooLarge(limit: number): Refusal {
  return {
    code: "PAYLOAD_TOO_LARGE",
    detail: `The body is larger than the ${limit / 1024} KiB that this address takes.`,
  };
}

/** A header that was sent several times, as one. */
function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value;
}
