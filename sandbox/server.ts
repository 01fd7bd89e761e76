import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { AccessTokens } from "./access-token.ts";
import { answerBatch } from "./batch.ts";
import { createSandboxCertificate } from "./certificate.ts";
import { answerControl } from "./control.ts";
import type { FaultRule } from "./fault-rule.ts";
import { beLate, type Fault, Faults } from "./faults.ts";
import { type Answer, damaged, defaultCode, GraphService } from "./graph-service.ts";
import { errorBody, GraphError, type RequestIds, requestIds } from "./http-error.ts";
import { GraphLimits } from "./limits.ts";
import { Listener } from "./listener.ts";
import { type LoadReport, loadObjects } from "./load.ts";
import { optionsOf } from "./odata-query.ts";
import { RequestLog, type RequestRecord } from "./request-log.ts";
import { type SandboxTenant, TenantState } from "./tenant.ts";
import { TenantHandle } from "./tenant-handle.ts";
import {
  grantToken,
  openidConfiguration,
  secretExpired,
  TokenError,
  tokenErrorBody,
} from "./token-endpoint.ts";
import { MicrosoftContent } from "./write/tenant-objects.ts";

export { createSandboxCertificate } from "./certificate.ts";
export type { FaultAction, FaultRule } from "./fault-rule.ts";
export type { Fault } from "./faults.ts";
export type { SandboxTenant } from "./tenant.ts";
export type { TenantHandle } from "./tenant-handle.ts";

export interface SandboxOptions {
  /** 0, the default: a free one. */
  port?: number;
  /** 127.0.0.1 by default. */
  host?: string;
  tenants: SandboxTenant[];
  /** Folder whose `*.json` are served, for every tenant, instead of generated objects (`GRAPH_SANDBOX_DATA`). */
  dataDir?: string;
  /** PEM; a self-signed certificate is made when left out. */
  tls?: { key: string; cert: string };
  /** Milliseconds that every answer takes at least. */
  latencyMs?: number;
  /** Throttle as Graph does. */
  enforceLimits?: boolean;
}

/** A running sandbox. */
export interface Sandbox {
  readonly port: number;
  /** `http://localhost:PORT`: Graph, and the control endpoints under `/_sandbox`. */
  readonly url: string;
  /** `https://localhost:PORT`, the same port: the token endpoint, for clients that refuse plain http. */
  readonly loginUrl: string;
  /** PEM to trust (`NODE_EXTRA_CA_CERTS`). */
  readonly caCertificate: string;
  /** What was asked. */
  readonly requests: RequestLog;
  /** What became of `dataDir`; undefined without one. */
  readonly loaded: LoadReport | undefined;
  /** @throws Error when the sandbox has no such tenant */
  tenant(entraTenantId: string): TenantHandle;
  /** Sets a fault; it applies until it is removed, used up or everything is reset. */
  fault(rule: FaultRule): Fault;
  /** Changes latency and limits from now on. */
  configure(settings: { latencyMs?: number; enforceLimits?: boolean }): void;
  /** Faults, records, drift, limits, permissions: all as at the start. Tokens stay good. */
  reset(): void;
  /** Ends at once, requests under way too. */
  stop(): Promise<void>;
}

const BODY_LIMIT = 4 * 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT)
      throw new GraphError(413, "RequestEntityTooLarge", "The request body is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GraphError(400, "BadRequest", "Unable to read JSON request payload.");
  }
}

function textOf(body: Answer["body"]): string {
  if (body === undefined) return "";
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** One HTTP request and what is needed to answer it. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  ids: RequestIds;
  signal: AbortSignal;
}

class SandboxServer implements Sandbox {
  port = 0;
  readonly caCertificate: string;
  readonly loaded: LoadReport | undefined;
  readonly requests = new RequestLog();
  readonly faults = new Faults();
  readonly tenants: ReadonlyMap<string, TenantState>;
  readonly #limits = new GraphLimits();
  readonly #tokens: AccessTokens;
  readonly #graph: GraphService;
  readonly #listener: Listener;
  readonly #initial: { latencyMs: number; enforceLimits: boolean };
  settings: { latencyMs: number; enforceLimits: boolean };
  #batches = 0;

  constructor(options: SandboxOptions, tls: { key: string; cert: string }, loaded: LoadReport | undefined) {
    this.caCertificate = tls.cert;
    this.loaded = loaded;
    this.#initial = { latencyMs: options.latencyMs ?? 0, enforceLimits: options.enforceLimits ?? false };
    this.settings = { ...this.#initial };
    this.tenants = new Map(
      options.tenants.map((config) => {
        const state = new TenantState(config, loaded?.objects);
        return [state.id, state];
      }),
    );
    this.#tokens = new AccessTokens(tls.key);
    this.#graph = new GraphService({
      faults: this.faults,
      limits: this.#limits,
      log: this.requests,
      content: new MicrosoftContent(() => this.tenants.values()),
      enforced: () => this.settings.enforceLimits,
      now: Date.now,
    });
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#handle(request, response);
    // Clients keep idle connections for a minute or so; closing earlier would race with their next request.
    const keep = { keepAliveTimeout: 75_000 };
    const http = createServer(keep, handle);
    const https = createSecureServer({ ...keep, ...tls }, handle);
    for (const server of [http, https]) server.on("clientError", (_, socket) => socket.destroy());
    https.on("tlsClientError", (_, socket) => socket.destroy());
    this.#listener = new Listener(http, https);
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get loginUrl(): string {
    return `https://localhost:${this.port}`;
  }

  async listen(port: number, host: string): Promise<void> {
    this.port = await this.#listener.listen(port, host);
  }

  tenant(entraTenantId: string): TenantHandle {
    const state = this.tenants.get(entraTenantId.toLowerCase());
    if (!state) throw new Error(`The sandbox has no tenant ${entraTenantId}.`);
    return new TenantHandle(state);
  }

  fault(rule: FaultRule): Fault {
    return this.faults.add(rule);
  }

  configure(settings: { latencyMs?: number; enforceLimits?: boolean }): void {
    this.settings = { ...this.settings, ...settings };
  }

  reset(): void {
    this.faults.clear();
    this.requests.clear();
    this.#limits.reset();
    this.settings = { ...this.#initial };
    for (const tenant of this.tenants.values()) tenant.reset();
  }

  async stop(): Promise<void> {
    await this.#listener.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const secure = "encrypted" in request.socket;
    const origin = `${secure ? "https" : "http"}://${request.headers.host ?? `localhost:${this.port}`}`;
    const header = request.headers["client-request-id"];
    const ids = requestIds(Array.isArray(header) ? header[0] : header);
    const closed = new AbortController();
    response.on("close", () => closed.abort());
    const { signal } = closed;
    try {
      const url = URL.parse(request.url ?? "/", origin);
      if (!url) throw new GraphError(400, "BadRequest", "Invalid URL.");
      const exchange: Exchange = { request, response, url, ids, signal };
      if (url.pathname === "/_sandbox" || url.pathname.startsWith("/_sandbox/")) {
        await this.#send(exchange, await this.#control(exchange));
        return;
      }
      const end = this.requests.begin();
      response.on("close", end);
      if (this.settings.latencyMs > 0) await delay(this.settings.latencyMs, undefined, { signal });
      await this.#send(exchange, await this.#route(exchange));
    } catch (error) {
      if (signal.aborted || response.headersSent) {
        response.destroy();
        return;
      }
      const known =
        error instanceof GraphError
          ? error
          : new GraphError(500, "SandboxFault", `The sandbox itself failed: ${error}`);
      const body = errorBody(known, ids);
      // The client's Host may be what makes no address.
      const url = URL.parse("/", origin) ?? new URL(this.url);
      await this.#send(
        { request, response, url, ids, signal },
        { status: known.status, headers: known.headers, body },
      );
    }
  }

  async #control({ request, url }: Exchange): Promise<Answer> {
    const text = request.method === "GET" ? "" : await readBody(request);
    return answerControl(this, { method: request.method ?? "GET", url, text });
  }

  async #route(exchange: Exchange): Promise<Answer> {
    const { pathname } = exchange.url;
    const token = /^\/([^/]+)\/oauth2\/v2\.0\/token\/?$/.exec(pathname);
    if (token?.[1] !== undefined) return this.#token(exchange, decodeURIComponent(token[1]));
    const openid = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/.exec(pathname);
    if (openid?.[1] !== undefined) {
      return { status: 200, headers: {}, body: openidConfiguration(openid[1], exchange.url.origin) };
    }
    const batch = /^\/(v1\.0|beta)\/\$batch$/i.exec(pathname);
    if (batch?.[1] !== undefined) return this.#batch(exchange, batch[1].toLowerCase());
    const access = this.#access(exchange, "other");
    const { method = "GET", headers } = exchange.request;
    const text = method === "GET" ? "" : await readBody(exchange.request);
    return this.#graph.answer({
      access,
      method,
      body: text === "" ? undefined : parseJson(text),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
      ),
      pathname,
      parameters: optionsOf(exchange.url.search),
      origin: exchange.url.origin,
      ids: exchange.ids,
      via: "direct",
      signal: exchange.signal,
    });
  }

  #access({ request, url }: Exchange, family: RequestRecord["family"]) {
    try {
      return this.#tokens.check(request.headers.authorization, this.tenants, Date.now());
    } catch (error) {
      if (error instanceof GraphError) {
        this.requests.add(this.#record(url, { phase: "other", family, tenant: "", status: error.status }));
      }
      throw error;
    }
  }

  #record(
    url: URL,
    known: Pick<RequestRecord, "phase" | "family" | "tenant" | "status"> & { fault?: string | undefined },
  ): RequestRecord {
    const [, version = "", path = ""] = /^\/(v1\.0|beta)?\/?(.*)$/.exec(url.pathname) ?? [];
    const query = url.searchParams.toString();
    return { at: Date.now(), version, path, query, via: "direct", fault: undefined, ...known };
  }

  async #token(exchange: Exchange, tenantId: string): Promise<Answer> {
    const { request, url, ids, signal } = exchange;
    const subject = {
      tenant: tenantId.toLowerCase(),
      phase: "token" as const,
      family: "login" as const,
      path: url.pathname.slice(1),
      via: "direct" as const,
    };
    const form = new URLSearchParams(await readBody(request));
    const { late, action } = this.faults.meet(subject);
    await beLate(late, signal);
    let right: Answer;
    if (request.method !== "POST") {
      right = { status: 405, headers: { Allow: "POST" }, body: { error: "invalid_request" } };
    } else if (action?.kind === "status") {
      const error = action.code ?? (action.status < 500 ? "invalid_request" : defaultCode(action.status));
      const headers: Record<string, string> =
        action.retryAfter === undefined ? {} : { "Retry-After": String(action.retryAfter) };
      const message = action.message ?? "Injected by the sandbox.";
      right = { status: action.status, headers, body: { error, error_description: message } };
    } else {
      try {
        if (action?.kind === "secretExpired") throw secretExpired(form.get("client_id") ?? "");
        const { tenants } = this;
        const granting = {
          tenantId,
          form,
          origin: url.origin,
          tenants,
          tokens: this.#tokens,
          now: Date.now(),
        };
        right = { status: 200, headers: { "Cache-Control": "no-store" }, body: grantToken(granting) };
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        right = { status: error.status, headers: {}, body: tokenErrorBody(error, ids, url.origin) };
      }
    }
    const answer = damaged(right, action, url.href, ids);
    const status = answer.damage === "hang" || answer.damage === "reset" ? 0 : answer.status;
    this.requests.add(this.#record(url, { ...subject, status, fault: action?.kind }));
    return answer;
  }

  async #batch(exchange: Exchange, version: string): Promise<Answer> {
    const { request, url, ids, signal } = exchange;
    const access = this.#access(exchange, "batch");
    const subject = {
      tenant: access.tenant.id,
      phase: "batch" as const,
      family: "batch" as const,
      path: "$batch",
      via: "direct" as const,
    };
    const text = await readBody(request);
    const { late, action } = this.faults.meet(subject);
    await beLate(late, signal);
    let right: Answer;
    try {
      if (action?.kind === "status") {
        const headers: Record<string, string> =
          action.retryAfter === undefined ? {} : { "Retry-After": String(action.retryAfter) };
        const message = action.message ?? "Injected by the sandbox.";
        throw new GraphError(action.status, action.code ?? defaultCode(action.status), message, headers);
      }
      if (request.method !== "POST") {
        throw new GraphError(405, "MethodNotAllowed", "Send a batch with POST.", { Allow: "POST" });
      }
      const body = parseJson(text);
      const order = this.#batches++;
      right = await answerBatch(this.#graph, { access, version, body, origin: url.origin, signal, order });
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      right = { status: error.status, headers: error.headers, body: errorBody(error, ids) };
    }
    const answer = damaged(right, action, url.href, ids);
    const status = answer.damage === "hang" || answer.damage === "reset" ? 0 : answer.status;
    this.requests.add(this.#record(url, { ...subject, status, fault: action?.kind }));
    return answer;
  }

  async #send({ request, response, ids, signal }: Exchange, answer: Answer): Promise<void> {
    if (answer.damage === "hang") {
      if (!signal.aborted)
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      response.destroy();
      return;
    }
    if (answer.damage === "reset") {
      // TLS sockets have no handle of their own to reset.
      if ("encrypted" in request.socket) request.socket.destroy();
      else request.socket.resetAndDestroy();
      return;
    }
    const stream = answer.body instanceof Uint8Array;
    let payload = stream ? Buffer.from(answer.body as Uint8Array) : Buffer.from(textOf(answer.body), "utf8");
    if (answer.damage === "malformed")
      payload = Buffer.from(`${payload.toString("utf8").slice(0, -1)},,`, "utf8");
    response.writeHead(answer.status, {
      "Content-Type": stream ? "application/octet-stream" : "application/json; charset=utf-8",
      "Cache-Control": "no-cache",
      "Content-Length": payload.length,
      "request-id": ids.requestId,
      "client-request-id": ids.clientRequestId,
      ...answer.headers,
    });
    if (answer.damage === "truncate") {
      const half = payload.subarray(0, Math.floor(payload.length / 2));
      response.write(half, () => request.socket.destroy());
      return;
    }
    response.end(request.method === "HEAD" ? undefined : payload);
  }
}

/**
 * Starts a server that speaks Microsoft Graph's and Entra's protocol over made or given tenants.
 * @throws Error when the port is taken or `dataDir` cannot be read
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const tls = options.tls ?? (await createSandboxCertificate());
  const loaded = options.dataDir === undefined ? undefined : await loadObjects(options.dataDir);
  const server = new SandboxServer(options, tls, loaded);
  await server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
  return server;
}
