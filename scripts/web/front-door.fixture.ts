// A web server with the front door and, in place of Next.js, a handler that keeps every body whole, as next-auth does:
// `node front-door.fixture.ts` says its port. GET answers what Node's memory is, POST how long the body was.
import { text } from "node:stream/consumers";
import { actionBegins } from "#lib/http/server-action";
import { parseProxies } from "#lib/trusted-proxies";
import { createFrontDoor } from "./front-door.ts";

const server = createFrontDoor({
  async handle(request, response) {
    const words = await text(request);
    // As a server action fails: before it begins, or later.
    if (words.endsWith("fails later")) actionBegins();
    if (words.startsWith("fails")) response.statusCode = 500;
    const { length } = words;
    const { url, headers } = request;
    const body = JSON.stringify({ length, url, headers, rss: process.memoryUsage.rss() });
    response.setHeader("Content-Length", body.length);
    response.end(body);
  },
  compressed: () => null,
  trustedProxies: parseProxies(process.env.TRUSTED_PROXIES ?? "none"),
  publicUrl: process.env.NEXTAUTH_URL ?? "http://localhost:3000",
  trustedHosts: ["backup.internal:8443", "backup.lan"],
  nameless: ["/api/ready"],
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object") console.log(String(address.port));
});
