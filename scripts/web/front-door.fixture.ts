// A web server with the front door and, in place of Next.js, a handler that keeps every body whole, as next-auth does:
// `node front-door.fixture.ts` says its port. GET answers what Node's memory is, POST how long the body was.
import { text } from "node:stream/consumers";
import { createFrontDoor } from "./front-door.ts";

const server = createFrontDoor({
  async handle(request, response) {
    const length = (await text(request)).length;
    const body = JSON.stringify({ length, rss: process.memoryUsage.rss() });
    response.setHeader("Content-Length", body.length);
    response.end(body);
  },
  compressed: () => null,
  trustedProxies: null,
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object") console.log(String(address.port));
});
