import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Env } from "#lib/env";
import type { Check } from "#lib/health/check";
import { judgeDatabase } from "#lib/health/database";
import { look } from "#lib/health/look";
import { judgeMigrations } from "#lib/health/migrations";
import { clientAddressHeader } from "#lib/http/client-address";
import { malformed, problemResponse } from "#lib/http/problem";
import { requireServiceToken } from "#lib/http/service-token";
import { processMetrics } from "#lib/metrics";
import { version } from "#lib/version";

/** What a worker knows of itself. */
export interface WorkerState {
  /** When this process began. */
  startedAt: Date;
  /** When it last asked for due schedules; null before the first full minute. */
  lastTickAt(): Date | null;
  stopping(): boolean;
  /** Whether notifications reach it; else it asks for jobs, which is no reason to take it away. */
  told: boolean;
}

/** Two ticks may be missed, by a slow database for instance, before something is wrong. */
const tickLateSeconds = 150;

/**
 * Listens for questions of how this worker is, for orchestrators and Prometheus: `/health` (the process lives), `/ready`
 * (it reaches the database, which takes changes and has its migrations, and asks each minute for due schedules) and
 * `/metrics`. Where no port is set, nothing listens.
 */
export async function serveHealth(
  {
    WORKER_HEALTH_PORT: port,
    HOST: host,
    METRICS_TOKEN,
  }: Pick<Env, "WORKER_HEALTH_PORT" | "HOST" | "METRICS_TOKEN">,
  state: WorkerState,
): Promise<{ port: number; close(): void } | null> {
  if (port === undefined) return null;
  const server = createServer((request, response) => {
    // Nothing that a request brings along may throw outside of this: it would end the worker.
    void answer(request, { METRICS_TOKEN, HOST: host }, state)
      .catch((error: unknown) => problemResponse(error, crypto.randomUUID()))
      .then(async (answered) => {
        response.writeHead(answered.status, Object.fromEntries(answered.headers));
        response.end(await answered.text());
      })
      .catch(() => request.socket.destroy());
  });
  await listen(server, port, host);
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function answer(
  request: IncomingMessage,
  settings: Pick<Env, "METRICS_TOKEN" | "HOST">,
  state: WorkerState,
): Promise<Response> {
  const { method = "GET", url = "/" } = request;
  if (method !== "GET" && method !== "HEAD")
    return new Response(null, { status: 405, headers: { Allow: "GET" } });
  // The target may be a whole address (RFC 9112, section 3.2.2).
  const target = URL.parse(url.startsWith("/") ? `http://worker${url}` : url);
  if (!target) throw malformed("The request's target is no path, which begins with a slash.");
  switch (target.pathname) {
    case "/health":
      return Response.json({ status: "ok" });
    case "/ready": {
      const readiness = await workerReadiness(state);
      return Response.json(readiness, {
        status: readiness.ready ? 200 : 503,
        headers: { "Cache-Control": "no-store" },
      });
    }
    case "/metrics":
      requireServiceToken({ headers: tokenHeaders(request) }, settings);
      return new Response(await processMetrics(), { headers: { "Content-Type": metricsType } });
    default:
      return new Response(null, { status: 404 });
  }
}

/** What the service's token is held against; a client has no say in its own address. */
function tokenHeaders({ headers: { authorization }, socket }: IncomingMessage): Headers {
  return new Headers({
    ...(authorization ? { authorization } : {}),
    [clientAddressHeader]: socket.remoteAddress ?? "",
  });
}

const metricsType = "text/plain; version=0.0.4; charset=utf-8";

/** Whether this worker can do its work, and what keeps it from it. */
export async function workerReadiness(
  { startedAt, lastTickAt, stopping, told }: WorkerState,
  now = Date.now(),
) {
  const found = await look();
  const { check: migrations, schema, expected } = await judgeMigrations(found?.applied ?? []);
  const ticked = lastTickAt();
  const silentSeconds = Math.floor((now - (ticked ?? startedAt).getTime()) / 1_000);
  const checks = {
    process: stopping() ? { ok: false, message: "is stopping" } : { ok: true, message: "works" },
    database: judgeDatabase(found),
    migrations,
    dispatch: {
      ok: silentSeconds <= tickLateSeconds,
      message: ticked
        ? `looked for due schedules ${silentSeconds} s ago`
        : "has not looked for due schedules yet",
    },
  } satisfies Record<string, Check>;
  return {
    ready: Object.values(checks).every((check) => check.ok),
    versions: { service: version, schema, expected_schema: expected },
    checks: {
      ...checks,
      notifications: told
        ? { ok: true, message: "arrive" }
        : { ok: false, message: "do not arrive: set DATABASE_DIRECT_URL to PostgreSQL itself" },
    },
  };
}

async function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen({ port, host }, listening.resolve);
  await listening.promise;
}
