import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "#lib/testing/database";
import { withOwner } from "./copy-session.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ empty: true });
});
afterAll(() => database?.drop());

/** Stands before a PostgreSQL, and takes and gives nothing any more once it is frozen: its connections stay open. */
async function standIn(url: string) {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on("error", () => {});
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = new URL(url);
  address.hostname = "127.0.0.1";
  address.port = String((server.address() as AddressInfo).port);
  return {
    url: address.href,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test.each(["left alone", "stopped by Ctrl+C"])(
  "a connection ends though PostgreSQL is frozen while nothing is asked of it: %s",
  async (how) => {
    const stand = await standIn(database.ownerUrl);
    const stop = new AbortController();
    try {
      const ended = withOwner(
        stand.url,
        async (client) => {
          const { rows } = await client.query<{ one: number }>("SELECT 1 AS one");
          stand.freeze();
          if (how !== "left alone") stop.abort(new Error("Stopped."));
          return rows;
        },
        stop.signal,
      );
      expect(await ended).toEqual([{ one: 1 }]);
    } finally {
      stand.close();
    }
  },
  30_000,
);
