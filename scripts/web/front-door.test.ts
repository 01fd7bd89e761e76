import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const fixture = fileURLToPath(new URL("front-door.fixture.ts", import.meta.url));
const lightImports = new URL("../light-imports.ts", import.meta.url).href;
const megabyte = 1_048_576;
const auth = "/api/auth/callback/credentials";

let server: ChildProcess;
let port: number;

beforeAll(async () => {
  server = spawn(process.execPath, ["--import", lightImports, fixture], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (!server.stdout) throw new Error("no output");
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  port = Number(line);
});
afterAll(() => server.kill("SIGKILL"));

interface Answer {
  status: number;
  body: { length: number; rss: number; code?: string; request_id?: string };
}

/** Sends a body, chunk by chunk, and as far as the server takes it: an answer may come before all is sent. */
function send(method: string, path: string, chunks: Iterable<Buffer>, headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", method, path, headers, agent: false };
    const source = Readable.from(chunks);
    const outgoing = request(options, (incoming) => {
      let text = "";
      incoming.on("error", reject).on("data", (part: Buffer) => {
        text += part;
        const announced = Number(incoming.headers["content-length"]);
        if (Buffer.byteLength(text) < announced) return;
        resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(text) });
        source.destroy();
        outgoing.destroy();
      });
    });
    outgoing.on("error", reject);
    source.on("error", reject).pipe(outgoing);
  });
}

const memory = async () => (await send("GET", "/", [])).body.rss;

function* zeros(bytes: number) {
  const chunk = Buffer.alloc(65_536, "0");
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk.subarray(0, bytes - sent);
}

describe("a body", () => {
  test.each([
    ["next-auth", auth, 16 * 1024],
    ["next-auth, written oddly", "//API/%61uth/_log?x=/", 16 * 1024],
    ["the API", "/api/tenants/1/backup-schedules", megabyte],
    ["a server action", "/tenants/1", megabyte],
  ])(
    "for %s gets through up to its limit, and is refused above, announced or in chunks",
    async (_what, path, limit) => {
      expect(await send("POST", path, zeros(limit))).toMatchObject({ status: 200, body: { length: limit } });
      const announced = { "Content-Length": limit };
      expect(await send("POST", path, zeros(limit), announced)).toMatchObject({
        status: 200,
        body: { length: limit },
      });
      const refused = { status: 413, body: { code: "PAYLOAD_TOO_LARGE", request_id: expect.any(String) } };
      expect(await send("POST", path, zeros(limit + 1))).toMatchObject(refused);
      expect(await send("POST", path, zeros(limit + 1), { "Content-Length": limit + 1 })).toMatchObject(
        refused,
      );
    },
  );

  test.each([
    ["in chunks", {}],
    ["announced", { "Content-Length": 150 * megabyte }],
  ])("of 150 MB, %s, takes no memory", async (_what, headers) => {
    await send("POST", auth, zeros(16 * 1024));
    const before = await memory();
    let most = 0;
    const watching = (async () => {
      for (let looks = 0; looks < 10; looks++) {
        most = Math.max(most, await memory());
        await delay(20);
      }
    })();
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => send("POST", auth, zeros(150 * megabyte), headers)),
    );
    await watching;
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 413]);
    expect(Math.max(most, await memory()) - before).toBeLessThan(40 * megabyte);
  });

  test("of a client that goes away leaves the server well", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.write(`POST ${auth} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf`);
    await delay(50);
    socket.destroy();
    expect((await send("POST", auth, [Buffer.from("whole")])).body.length).toBe(5);
  });
});
