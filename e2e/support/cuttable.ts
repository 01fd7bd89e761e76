import { connect, createServer, type Socket } from "node:net";
import { baseUrl } from "./api.ts";

/** A way that can be cut, as a network or a reverse proxy may be: to the TenantPilot under test, or to its database. */
export interface CuttableWay {
  url: string;
  /** Ends all connections and refuses new ones; with `answer`, new ones get this HTTP status instead. */
  cut(answer?: number): void;
  restore(): void;
  /** Connections that were tried while it was cut. */
  tried(): number;
  close(): void;
}

/** @param to an address with host and port */
export async function cuttableWay(to = baseUrl()): Promise<CuttableWay> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let open = true;
  let answer: number | undefined;
  let tried = 0;
  const server = createServer((client) => {
    sockets.add(client);
    client.once("close", () => sockets.delete(client));
    client.on("error", () => client.destroy());
    if (!open) tried += 1;
    if (!open && answer === undefined) {
      client.destroy();
      return;
    }
    if (!open) {
      client.once("data", () =>
        client.end(`HTTP/1.1 ${answer} Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`),
      );
      return;
    }
    const upstream = connect(Number(port), hostname);
    upstream.on("error", () => client.destroy());
    upstream.once("close", () => client.destroy());
    client.once("close", () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("The proxy has no port.");
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://localhost:${address.port}`,
    cut(status) {
      open = false;
      answer = status;
      endAll();
    },
    restore() {
      open = true;
    },
    tried: () => tried,
    close() {
      server.close();
      endAll();
    },
  };
}
