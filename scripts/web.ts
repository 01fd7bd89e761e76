import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Env, serviceEnv } from "#lib/env";
import { compressedFiles } from "./web/compressed-files.ts";
import { createFrontDoor } from "./web/front-door.ts";

/**
 * The web server: Next.js behind Node's own HTTP server, and in front of it what every request passes
 * (web/front-door.ts).
 *
 *   node scripts/web.ts [--port 3000]
 */
const { values } = parseArgs({ options: { port: { type: "string", short: "p" } }, strict: false });
const port = Number(values.port ?? process.env.PORT ?? 3000);

let settings: Env;
try {
  settings = serviceEnv();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

// Next.js and React read it while they load.
Object.assign(process.env, { NODE_ENV: "production" });
const { default: next } = await import("next");
const app = next({ dev: false, dir: process.cwd(), port });
await app.prepare();

const server = createFrontDoor({
  handle: app.getRequestHandler(),
  compressed: await compressedFiles(join(process.cwd(), ".next/static")),
  trustedProxies: settings.TRUSTED_PROXIES ?? null,
});

server.listen(port, () => console.log(`web: listening on http://localhost:${port}`));

// Open event streams would keep a stopping server waiting: they are cut, and browsers connect anew elsewhere.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
    setTimeout(() => process.exit(0), 5_000).unref();
  });
}
