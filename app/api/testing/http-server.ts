import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { send } from "./client.ts";

/**
 * Serves the route handlers on a port of this machine, for clients that are processes of their own.
 * @returns the address that paths are below, and what stops it
 */
export async function serveApi(): Promise<{ url: string; stop(): void }> {
  const server = createServer(async (request, response) => {
    try {
      const body = await buffer(request);
      const { response: answer } = await send(
        request.method ?? "GET",
        (request.url ?? "/").replace(/^\/api/, ""),
        {
          headers: request.headers as Record<string, string>,
          ...(body.byteLength > 0 ? { rawBody: new Uint8Array(body) } : {}),
        },
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body) await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
      else response.end();
    } catch (error) {
      response.destroy(error as Error);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
