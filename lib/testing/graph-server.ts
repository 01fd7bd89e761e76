import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { generate } from "selfsigned";
import type { GraphTuning } from "#lib/graph/client";
import type { Clock } from "#lib/graph/clock";
import type { GraphConnection } from "#lib/graph/connection";
import { LimiterRegistry } from "#lib/graph/limiter";
import { defaultRetryPolicy } from "#lib/graph/retry";

/** What a test lets Graph answer; `hang` never answers, `cut` breaks the connection in the middle. */
export type Reply =
  | { status?: number; headers?: Record<string, string>; body?: unknown; text?: string }
  | "hang"
  | "cut";

export interface SeenRequest {
  /** Path and query without version, as sent. */
  path: string;
  version: string;
  /** Part of a `$batch`. */
  part: boolean;
  token: string;
  /** `Accept-Language`, as sent. */
  language: string | undefined;
  /** `x-msft-approval-justification`, as sent. */
  justification?: string;
}

/** A few lines of Graph and Entra for tests of the connector alone: each test says itself what is answered. */
export interface GraphTestServer extends AsyncDisposable {
  connection: GraphConnection;
  /** Answers a GET, by path without version. Called for parts of batches too. */
  reply(handler: (request: SeenRequest, nth: number) => Reply): void;
  /** Answers a whole `$batch` before its parts are looked at; undefined leaves it to `reply`. */
  replyBatch(handler: (nth: number) => Reply | undefined): void;
  /** Answers the token endpoint; undefined issues a token. */
  replyToken(handler: (nth: number) => Reply | undefined): void;
  /** The `roles` claim of the tokens. */
  roles: string[];
  requests: SeenRequest[];
  batches: number[];
  tokens: number;
  /** Bodies that the token endpoint got. */
  tokenRequests: string[];
  /** PEM of what the token endpoint shows, which this process trusts; another one has to be told (`NODE_EXTRA_CA_CERTS`). */
  caCertificate: string;
}

let issued: Promise<{ private: string; cert: string }> | undefined;

/** One for the process: of two authorities with the same name, TLS may try the wrong one. */
function certificate(): Promise<{ private: string; cert: string }> {
  issued ??= generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  }).then((pem) => {
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), pem.cert]);
    return pem;
  });
  return issued;
}

export async function startGraphTestServer(): Promise<GraphTestServer> {
  let handler: (request: SeenRequest, nth: number) => Reply = () => ({ status: 404, body: {} });
  let batchHandler: (nth: number) => Reply | undefined = () => undefined;
  let tokenHandler: (nth: number) => Reply | undefined = () => undefined;
  const nthByPath = new Map<string, number>();

  const graph = createServer(async (incoming, response) => {
    const [, version = "", ...rest] = (incoming.url ?? "").split("/");
    const path = decodeURI(rest.join("/"));
    const token = incoming.headers.authorization ?? "";
    if (incoming.method !== "POST") {
      const language = incoming.headers["accept-language"];
      const justification = incoming.headers["x-msft-approval-justification"];
      const said = typeof justification === "string" ? { justification } : {};
      send(response, ask({ path, version, part: false, token, language, ...said }));
      return;
    }
    const batch = JSON.parse(await bodyOf(incoming)) as {
      requests: { id: string; url: string; headers?: Record<string, string> }[];
    };
    server.batches.push(batch.requests.length);
    const whole = batchHandler(server.batches.length);
    if (whole) {
      send(response, whole);
      return;
    }
    const responses = batch.requests.flatMap(({ id, url, headers }) => {
      const language = headers?.["Accept-Language"];
      const reply = ask({ path: decodeURI(url.slice(1)), version, part: true, token, language });
      if (reply === "hang" || reply === "cut") return [];
      return [
        { id, status: reply.status ?? 200, headers: reply.headers ?? {}, body: reply.body ?? reply.text },
      ];
    });
    send(response, { body: { responses: responses.reverse() } });
  });

  function ask(request: SeenRequest): Reply {
    server.requests.push(request);
    const nth = (nthByPath.get(request.path) ?? 0) + 1;
    nthByPath.set(request.path, nth);
    return handler(request, nth);
  }

  const pem = await certificate();
  const login = createTlsServer({ key: pem.private, cert: pem.cert }, async (incoming, response) => {
    const base = `https://localhost:${(login.address() as AddressInfo).port}/tenant`;
    if (incoming.url?.includes("openid-configuration")) {
      const body = {
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        issuer: `${base}/v2.0`,
        jwks_uri: `${base}/keys`,
      };
      send(response, { body });
      return;
    }
    server.tokens += 1;
    server.tokenRequests.push(await bodyOf(incoming));
    const claims = Buffer.from(JSON.stringify({ roles: server.roles })).toString("base64url");
    const body = { token_type: "Bearer", expires_in: 3599, access_token: `x.${claims}.${server.tokens}` };
    send(response, tokenHandler(server.tokens) ?? { body });
  });
  await Promise.all(
    [graph, login].map((one) => new Promise<void>((done) => one.listen(0, "localhost", done))),
  );

  const server: GraphTestServer = {
    connection: {
      loginUrl: `https://localhost:${(login.address() as AddressInfo).port}`,
      graphUrl: `http://localhost:${(graph.address() as AddressInfo).port}`,
      entraTenantId: "tenant",
      clientId: "client",
      credential: { kind: "secret", secret: "a-very-secret-value" },
    },
    reply: (next) => {
      handler = next;
    },
    replyBatch: (next) => {
      batchHandler = next;
    },
    replyToken: (next) => {
      tokenHandler = next;
    },
    roles: ["Policy.Read.All"],
    requests: [],
    batches: [],
    tokens: 0,
    tokenRequests: [],
    caCertificate: pem.cert,
    async [Symbol.asyncDispose]() {
      for (const one of [graph, login]) one.closeAllConnections();
      await Promise.all([graph, login].map((one) => new Promise((done) => one.close(done))));
    },
  };
  return server;
}

/** Limits of its own, waits that take no time, and a record of them. */
export function testTuning(more: Partial<GraphTuning> = {}): Partial<GraphTuning> & { waits: number[] } {
  const { clock, waits } = instantClock();
  return {
    clock,
    waits,
    random: () => 0.5,
    limiters: new LimiterRegistry(clock),
    retry: defaultRetryPolicy,
    requestTimeoutMs: 2_000,
    ...more,
  };
}

/** A clock on which every sleep is over at once, its time passed. */
function instantClock(): { clock: Clock; waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    clock: {
      now: () => now,
      async sleep(ms, signal) {
        const until = now + ms;
        await new Promise((done) => setImmediate(done));
        signal?.throwIfAborted();
        if (ms > 10) waits.push(Math.round(ms));
        now = Math.max(now, until);
      },
    },
  };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === "hang") return;
  const text = reply === "cut" ? "" : (reply.text ?? JSON.stringify(reply.body ?? {}));
  if (reply === "cut") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"value":[');
    setImmediate(() => response.destroy());
    return;
  }
  response.writeHead(reply.status ?? 200, {
    "content-type": "application/json",
    "request-id": "req-1",
    ...reply.headers,
  });
  response.end(text);
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
  return text;
}
