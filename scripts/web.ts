import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Env, serviceEnv } from "#lib/env";
import { clientAddress, clientAddressHeader } from "#lib/http/client-address";
import { compressedFiles } from "./web/compressed-files.ts";
import { contentSecurityPolicy } from "./web/content-security-policy.ts";

/**
 * The web server: Next.js behind Node's own HTTP server. Every answer gets a content security policy with a nonce of
 * its own. Scripts and styles go out as the build has compressed them. And two things that `next start` gets wrong are
 * put right: it answers a URL that cannot be decoded, and the method TRACE, with a 500 before any route is asked; both
 * are the client's mistake, and get a problem document that says so.
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
const handle = app.getRequestHandler();
const compressed = await compressedFiles(join(process.cwd(), ".next/static"));

const server = createServer((request, response) => {
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(nonce);
  response.setHeader("Content-Security-Policy", policy);
  // By these Next.js, and the root layout, know the nonce; what a client sent in their place is overwritten.
  request.headers["content-security-policy"] = policy;
  request.headers["x-nonce"] = nonce;
  const forwardedFor = request.headers["x-forwarded-for"];
  request.headers[clientAddressHeader] =
    clientAddress(
      request.socket.remoteAddress,
      Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor,
      settings.TRUSTED_PROXIES ?? null,
    ) ?? "";
  const file = compressed(request.url, request.headers["accept-encoding"]);
  if (file) {
    request.url = file.url;
    response.setHeaders(new Map(Object.entries(file.headers)));
  }
  const refusal = refuse(request.method, request.url);
  if (!refusal) return void handle(request, response);
  response.writeHead(refusal.status, { "content-type": "application/problem+json", ...refusal.headers });
  response.end(
    JSON.stringify({
      type: "about:blank",
      title: refusal.title,
      status: refusal.status,
      code: refusal.code,
      detail: refusal.detail,
    }),
  );
});

function refuse(method: string | undefined, url: string | undefined) {
  if (method === "TRACE" || method === "TRACK") {
    return {
      status: 405,
      code: "METHOD_NOT_ALLOWED",
      title: "Method not allowed",
      detail: `${method} is not answered here.`,
      headers: { allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
    };
  }
  try {
    decodeURIComponent((url ?? "/").split("?")[0] ?? "/");
    return null;
  } catch {
    return {
      status: 400,
      code: "MALFORMED_REQUEST",
      title: "The request cannot be read",
      detail: "The URL has a percent sign that is not followed by two hexadecimal digits of valid UTF-8.",
      headers: {},
    };
  }
}

server.listen(port, () => console.log(`web: listening on http://localhost:${port}`));

// Open event streams would keep a stopping server waiting: they are cut, and browsers connect anew elsewhere.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
    setTimeout(() => process.exit(0), 5_000).unref();
  });
}
