import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const fixture = fileURLToPath(new URL("front-door.fixture.ts", import.meta.url));
const lightImports = new URL("../light-imports.ts", import.meta.url).href;
const megabyte = 1_048_576;
const auth = "/api/auth/callback/credentials";

const publicUrl = "https://backup.example";
let server: ChildProcess;
let port: number;
/** What the server has said on standard error. */
const logged: string[] = [];

beforeAll(async () => {
  server = spawn(process.execPath, ["--import", lightImports, fixture], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LOG_LEVEL: "info", NEXTAUTH_URL: publicUrl, TRUSTED_PROXIES: "127.0.0.2" },
  });
  if (!server.stdout || !server.stderr) throw new Error("no output");
  createInterface({ input: server.stderr }).on("line", (line) => logged.push(line));
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  port = Number(line);
});
afterAll(() => server.kill("SIGKILL"));

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: {
    length: number;
    url: string;
    headers: Record<string, string>;
    rss: number;
    code?: string;
    crossSite: string[];
  };
}

/** Sends a body, chunk by chunk, and as far as the server takes it: an answer may come before all is sent. */
function send(
  method: string,
  path: string,
  chunks: Iterable<Buffer>,
  headers: Record<string, string | number> = {},
  localAddress = "127.0.0.1",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", method, path, headers, localAddress, agent: false };
    const source = Readable.from(chunks);
    const outgoing = request(options, (incoming) => {
      let text = "";
      incoming.on("error", reject).on("data", (part: Buffer) => {
        text += part;
        const announced = Number(incoming.headers["content-length"]);
        if (Buffer.byteLength(text) < announced) return;
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: JSON.parse(text) });
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
      const refused = { status: 413, body: { code: "PAYLOAD_TOO_LARGE" } };
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

describe("a request", () => {
  const lineOf = (id: string) =>
    vi.waitFor(() => {
      const lines = logged.map((line) => JSON.parse(line)).filter(({ request_id }) => request_id === id);
      expect(lines).toHaveLength(1);
      return lines[0];
    });

  test("has the id that it came with, or one of its own, and one line of the log without values", async () => {
    const given = "trace-4711:a.b_C";
    const known = await send("GET", "/known?search=somebody%40contoso.com", [], { "X-Request-Id": given });
    expect(known.headers["x-request-id"]).toBe(given);
    expect(await lineOf(given)).toEqual({
      level: "info",
      time: expect.stringMatching(/^20\d\d-.*Z$/),
      msg: "request",
      method: "GET",
      route: "GET known",
      status: 200,
      duration_ms: expect.any(Number),
      request_id: given,
      address: "127.0.0.1",
      tenant_id: 7,
      user_id: 3,
    });
    for (const forged of ["short", 'a"}{"level":"info"', "x".repeat(129)]) {
      const answer = await send("GET", "/broken", [], { "X-Request-Id": forged });
      const id = String(answer.headers["x-request-id"]);
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(await lineOf(id)).toMatchObject({ level: "error", route: "unknown", status: 500 });
    }
    const refused = await send("GET", "/elsewhere", [], { Host: "evil.example" });
    expect(await lineOf(String(refused.headers["x-request-id"]))).toMatchObject({ status: 400 });
    const probe = await send("GET", "/api/ready", []);
    await delay(50);
    expect(logged.join()).not.toContain(probe.headers["x-request-id"]);
    expect(logged.join()).not.toContain("contoso");
  });

  test("is counted by its route and the status that it was answered", async () => {
    const { body } = await send("GET", "/metrics", []);
    expect(body).toContain('http_requests_total{method="GET",route="GET known",status="200"} 1\n');
    expect(body).toContain('http_requests_total{method="GET",route="unknown",status="500"} 3\n');
    expect(body).toMatch(/http_request_duration_seconds_count\{method="GET",route="GET known"\} 1\n/);
  });
});

describe("a target", () => {
  test.each([
    ["OPTIONS", "*"],
    ["GET", "*"],
    ["GET", "/tenants/%00"],
    ["GET", "/tenants/1/runs?search=a%00b"],
    ["GET", "/tenants/%E0%A4"],
    ["GET", "https://backup.example/%zz"],
  ])("%s %s is the client's mistake", async (method, path) => {
    expect(await send(method, path, [])).toMatchObject({ status: 400, body: { code: "MALFORMED_REQUEST" } });
  });

  test.each(["/tenants?search=100%2500", "/", "//tenants", "/a?b=%E0%A4"])(
    "%s is let in as it is",
    async (path) => {
      expect((await send("GET", path, [])).body.url).toBe(path);
    },
  );

  test("that is a whole address goes before Host", async () => {
    const asked = await send("GET", "https://backup.example/tenants?a=1", [], { Host: "evil.example" });
    expect(asked.body).toMatchObject({ url: "/tenants?a=1", headers: { host: "backup.example" } });
    expect((await send("GET", "https://backup.example", [])).body.url).toBe("/");
    expect(
      (await send("GET", "http://evil.example/api/tenants", [], { Host: "backup.example" })).status,
    ).toBe(400);
  });
});

describe("a name", () => {
  test.each([
    "backup.example",
    "Backup.Example:443",
    "localhost:3000",
    "127.0.0.1",
    "[::1]:3000",
    "backup.internal:8443",
    "backup.lan:1234",
  ])("%s is the service's", async (host) => {
    expect((await send("GET", "/", [], { Host: host })).status).toBe(200);
  });

  test.each([
    "evil.example",
    "backup.example.evil.example",
    "localhost.evil.example",
    "backup.internal",
    "10.0.0.1",
    "user@backup.example",
    "backup.example/evil",
    "a b",
  ])("%s is not, but for probes", async (host) => {
    expect(await send("GET", "/", [], { Host: host })).toMatchObject({ status: 400 });
    expect((await send("GET", "/api/ready", [], { Host: host })).status).toBe(200);
  });

  test("that a proxy forwards counts when it is a known proxy, and never goes further unseen", async () => {
    const headers = { Host: "app:3000", "X-Forwarded-Host": "backup.example", "X-Forwarded-Proto": "http" };
    expect((await send("GET", "/", [], headers)).status).toBe(400);
    const proxied = await send("GET", "/", [], headers, "127.0.0.2");
    const own = {
      host: "backup.example",
      "x-forwarded-host": "backup.example",
      "x-forwarded-proto": "https",
    };
    expect(proxied.body.headers).toMatchObject(own);
    const forged = {
      Host: "backup.example",
      "X-Forwarded-Host": "evil.example",
      "X-Forwarded-Proto": "http",
    };
    expect((await send("GET", "/", [], forged)).body.headers).toMatchObject(own);
    expect((await send("GET", "/", [], forged, "127.0.0.2")).status).toBe(400);
  });
});

describe("what another site's page sends", () => {
  const evil = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };

  test.each([
    ["https://evil.example", {}],
    ["http://backup.example", {}],
    ["https://backup.example:8443", {}],
    ["null", {}],
    ["https://evil.example", { Host: "evil.example", "X-Forwarded-Host": "evil.example" }],
    ["https://backup.example", { "Sec-Fetch-Site": "same-site" }],
  ])("from %s with %j is refused", async (origin, more) => {
    const headers = { Host: "backup.example", Origin: origin, ...more };
    for (const path of ["/tenants/1", auth]) {
      const answer = await send("POST", path, [Buffer.from("[]")], headers);
      expect(answer.status, path).toBe("Host" in more ? 400 : 403);
    }
  });

  test("is told of, with the client", async () => {
    const told = async () => (await send("GET", "/tenants", [])).body.crossSite;
    const before = await told();
    await send("POST", "/tenants/1", [], evil);
    await send("POST", "/tenants/1", [], { Host: "evil.example" });
    expect((await told()).slice(before.length)).toEqual(["127.0.0.1"]);
  });

  test("may read, may carry a token to the API, and our own pages and scripts may write", async () => {
    expect((await send("GET", "/tenants", [], evil)).status).toBe(200);
    expect((await send("POST", "/api/tenants/1/runs", [], evil)).status).toBe(200);
    const own = { Host: "backup.example", Origin: "https://backup.example", "Sec-Fetch-Site": "same-origin" };
    const senders: Record<string, string>[] = [
      own,
      { Host: "backup.example", Origin: "https://backup.example" },
      {},
      { Host: "backup.lan", Origin: "https://backup.lan" },
    ];
    for (const headers of senders) expect((await send("POST", "/tenants/1", [], headers)).status).toBe(200);
  });
});

test("every answer insists on https where the service's address does", async () => {
  const insists = { "strict-transport-security": "max-age=63072000; includeSubDomains" };
  expect((await send("GET", "/", [])).headers).toMatchObject(insists);
  expect((await send("OPTIONS", "*", [])).headers).toMatchObject(insists);
});

test("a server action whose arguments cannot be decoded is the sender's mistake; one that fails is ours", async () => {
  const status = async (path: string, words: string) =>
    (await send("POST", path, [Buffer.from(words)])).status;
  expect(await status("/tenants/1", "fails")).toBe(400);
  expect(await status("/tenants/1", "fails later")).toBe(500);
  expect(await status("/api/tenants/1/runs", "fails")).toBe(500);
  const atOnce = await Promise.all(["fails", "fails later", "fails"].map((words) => status("/", words)));
  expect(atOnce).toEqual([400, 500, 400]);
});

test("what fails because of the database passes, and is 503; what fails by itself is 500", async () => {
  const away = await send("GET", "/away", []);
  expect(away).toMatchObject({ status: 503, headers: { "retry-after": "15" } });
  expect((await send("GET", "/broken", [])).status).toBe(500);
  // Nor is a membership that ended meanwhile.
  expect((await send("GET", "/gone", [])).status).toBe(404);
  // A sign-in that the database cannot answer is no wrong password.
  expect((await send("POST", "/api/auth/callback/away", [])).status).toBe(503);
});
