import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { createServer, type Server, type Socket } from "node:net";

const TLS_HANDSHAKE = 0x16;
/** Who connects and says nothing is cut off. */
const SILENCE = 30_000;

/**
 * Listens on one port for both plain http and https, told apart by the first byte. Identity libraries refuse
 * plain http for tokens, while scripts like it.
 */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(http: HttpServer, https: HttpsServer) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      // A client that dies must not take the process along; the servers see the close themselves.
      socket.on("error", () => socket.destroy());
      socket.setTimeout(SILENCE, () => socket.destroy());
      socket.once("data", (first: Buffer) => {
        socket.setTimeout(0);
        socket.removeAllListeners("timeout");
        socket.pause();
        socket.unshift(first);
        (first[0] === TLS_HANDSHAKE ? https : http).emit("connection", socket);
        process.nextTick(() => socket.resume());
      });
    });
  }

  /** Listens; the result is the port. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        const address = this.#server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  }

  /** Closes at once, requests under way too. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
