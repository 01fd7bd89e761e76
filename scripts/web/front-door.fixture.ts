// A web server with the front door and, in place of Next.js, a handler that keeps every body whole, as next-auth does:
// `node front-door.fixture.ts` says its port. GET answers what Node's memory is, POST how long the body was.
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { actionBegins } from "#lib/http/server-action";
import { processMetrics } from "#lib/metrics";
import { currentRequest } from "#lib/request-context";
import { endWhenStopping } from "#lib/stopping";
import { parseProxies } from "#lib/trusted-proxies";
import { createFrontDoor } from "./front-door.ts";
import { stopServer } from "./stop.ts";

/** The clients whose requests another site's page had sent. */
const crossSite: (string | null)[] = [];

const server = createFrontDoor({
  async handle(request, response) {
    const words = await text(request);
    if (request.url === "/stream") {
      response.write("begun\n");
      endWhenStopping(() => response.end("the server stops\n"));
      return;
    }
    if (request.url === "/metrics") return void response.end(JSON.stringify(await processMetrics()));
    if (request.url === "/slow") await delay(800);
    if (request.url === "/api/auth/callback/away") response.statusCode = 401;
    if (["/away", "/broken", "/gone"].includes(request.url ?? "")) response.statusCode = 500;
    const context = currentRequest();
    if (context && request.url?.endsWith("/away")) context.database_trouble = true;
    if (context && request.url?.startsWith("/known")) Object.assign(context, { tenant_id: 7, user_id: 3 });
    if (context && request.url === "/gone") context.refused_with = 404;
    // As a server action fails: before it begins, or later.
    if (words.endsWith("fails later")) actionBegins();
    if (words.startsWith("fails")) response.statusCode = 500;
    const { length } = words;
    const { url, headers } = request;
    const body = JSON.stringify({ length, url, headers, crossSite, rss: process.memoryUsage.rss() });
    response.setHeader("Content-Length", body.length);
    response.end(body);
  },
  refusedCrossSite: (client) => crossSite.push(client),
  compressed: () => null,
  trustedProxies: parseProxies(process.env.TRUSTED_PROXIES ?? "none"),
  routeOf: (method, path) => (path === "/known" ? `${method} known` : "unknown"),
  accessLog: { level: "info", exclude: ["/api/ready"] },
  publicUrl: process.env.NEXTAUTH_URL ?? "http://localhost:3000",
  trustedHosts: ["backup.internal:8443", "backup.lan"],
  nameless: ["/api/ready"],
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object") console.log(String(address.port));
});
process.on("SIGTERM", () => {
  console.log("stopping");
  void stopServer(server, { noticeSeconds: 0.4, limitSeconds: 20 }).then(() => process.exit(0));
});
