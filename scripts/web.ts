import { join } from "node:path";
import { parseArgs } from "node:util";
import { recordSecurityEvent, strangers } from "#lib/audit/security";
import { disconnect } from "#lib/db/client";
import { judgeLogin, type LoginVerdict } from "#lib/db/login";
import { tlsFault } from "#lib/db/tls-fault";
import { encryptionKeyFault } from "#lib/encryption-key-check";
import { webEnv } from "#lib/env";
import { newerSchemaFault } from "#lib/health/newer-schema";
import { keepWatchingWorkers } from "#lib/health/watch-workers";
import { log } from "#lib/log";
import { recordOutput } from "#lib/log-output";
import { newSetupCode } from "#lib/platform/setup";
import { endTracing } from "#lib/tracing";
import { traceIfAsked } from "#lib/tracing-if-asked";
import { compressedFiles } from "./web/compressed-files.ts";
import { createFrontDoor, type FrontDoorOptions } from "./web/front-door.ts";
import { type RouteOf, readRoutes } from "./web/routes.ts";
import { stopServer } from "./web/stop.ts";

/**
 * The web server: Next.js behind Node's own HTTP server, and in front of it what every request passes
 * (web/front-door.ts).
 *
 *   node scripts/web.ts [--port 3000] [--host 127.0.0.1]
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: "string", short: "p" }, host: { type: "string" } },
  });
  // The routes ask the settings where this server listens.
  if (values.port !== undefined) process.env.PORT = values.port;
  if (values.host !== undefined) process.env.HOST = values.host;
  // Next.js and React read it while they load.
  Object.assign(process.env, { NODE_ENV: "production" });
  const settings = webEnv();
  // next-auth reads it itself, and as text: "HTTPS://…" would be the name of a host to it.
  process.env.NEXTAUTH_URL = new URL(settings.NEXTAUTH_URL).origin;
  await traceIfAsked("web");

  const served = Promise.withResolvers<Handle>();
  // Until the build has been read, which what is wrong with the settings does not wait for.
  let routeOf: RouteOf = () => "unknown";
  const server = createFrontDoor({
    handle: async (request, response) => (await served.promise)(request, response),
    compressed: await compressedFiles(join(process.cwd(), ".next/static")),
    trustedProxies: settings.TRUSTED_PROXIES ?? null,
    publicUrl: settings.NEXTAUTH_URL,
    routeOf: (method, path) => routeOf(method, path),
    accessLog: { level: settings.ACCESS_LOG_LEVEL, exclude: settings.ACCESS_LOG_EXCLUDE },
    trustedHosts: settings.TRUSTED_HOSTS,
    // Where it wants no token, the name is what keeps a page of somebody else's from reading the metrics.
    refusedCrossSite: (client) =>
      void recordSecurityEvent({
        action: "access.cross_site",
        in: "platform",
        by: null,
        distinct: strangers(client),
      }),
    nameless: ["/api/health", "/api/ready", ...(settings.METRICS_TOKEN ? ["/api/metrics"] : [])],
  });
  server.keepAliveTimeout = settings.KEEP_ALIVE_SECONDS * 1_000;
  // Before Next.js is loaded, which takes a while: a port that is taken is said at once.
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: settings.PORT, host: settings.HOST }, resolve);
  });
  await requireRightDatabase();
  const { default: next } = await import("next");
  const app = next({ dev: false, dir: process.cwd(), port: settings.PORT });
  await app.prepare();
  routeOf = await readRoutes(join(process.cwd(), ".next"));
  served.resolve(app.getRequestHandler());
  log.info({ host: settings.HOST, port: settings.PORT }, "web: listening");
  const endWatch = keepWatchingWorkers();

  let asked = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // Who asks twice is in a hurry.
      if (asked) process.exit(1);
      asked = true;
      log.info({ signal }, "web: stopping");
      endWatch();
      const { SHUTDOWN_NOTICE_SECONDS: noticeSeconds, SHUTDOWN_LIMIT_SECONDS: limitSeconds } = settings;
      void stopServer(server, { noticeSeconds, limitSeconds })
        .then(() => endTracing())
        .then(() => process.exit(0));
    });
  }
}

/**
 * Refuses a login of the database that may too much, and another key than the one that its credentials are encrypted with. A
 * database that is away is no verdict: the key is looked at again before the server says that it is ready.
 */
async function requireRightDatabase(): Promise<void> {
  const [login, schemaFault, keyFault] = await look().catch((error: unknown) => {
    const why = tlsFault(error) ?? "the database does not answer";
    log.warn({ err: error }, `web: the encryption key and the database login cannot be checked now: ${why}`);
    return [null, null, null];
  });
  const fault = login?.refusal ?? schemaFault ?? keyFault;
  if (fault !== null) throw new Error(fault);
  if (login?.warning) log.warn(`web: ${login.warning}`);
  await sayHowToBegin();
  // Next.js has modules of its own, and a client of the database with them.
  await disconnect();
}

/** Says the code by which the first account is made, while there is none. */
async function sayHowToBegin(): Promise<void> {
  const code = await newSetupCode().catch((error: unknown) => {
    log.warn({ err: error }, "web: it cannot be told now whether anybody has an account");
    return null;
  });
  if (code !== null)
    log.warn(
      `web: nobody has an account yet. Make the first one at ${webEnv().NEXTAUTH_URL}/setup with the code ${code}`,
    );
}

async function look(): Promise<[LoginVerdict, string | null, string | null]> {
  const login = await judgeLogin("web");
  const schemaFault = await newerSchemaFault();
  // Who may not do web's work, or does not know the schema, cannot look at the key either.
  return [login, schemaFault, (login.refusal ?? schemaFault) === null ? await encryptionKeyFault() : null];
}

type Handle = FrontDoorOptions["handle"];

recordOutput();
main().catch((error: NodeJS.ErrnoException) => {
  log.fatal(`web: cannot start: ${whyNot(error)}`);
  process.exit(1);
});

function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "EADDRINUSE":
      return "another program listens on this port. Stop that, or set PORT to another one.";
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return "HOST is no address of this machine.";
    case "EACCES":
      return "this user may not listen on this port. Set PORT to one above 1023.";
    default:
      return error.message;
  }
}
