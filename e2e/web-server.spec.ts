import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { webDefaults } from "#lib/limits";
import { baseUrl } from "./support/api.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

const megabyte = 1_048_576;

/** Sends bytes as they are. @returns the status of the answer */
function raw(request: string): Promise<number> {
  const { hostname, port } = new URL(baseUrl());
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.once("data", (answer) => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1]));
    });
    socket.once("error", reject);
  });
}

async function webMemory(): Promise<number> {
  const metrics = await (await fetch(`${baseUrl()}/api/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
}

test("next-auth reads no body beyond its limit, announced or in chunks, and none of it stays", async () => {
  const before = await webMemory();
  const url = `${baseUrl()}/api/auth/callback/credentials`;
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  async function* zeros() {
    for (let sent = 0; sent < 150; sent++) yield Buffer.alloc(megabyte, "0");
  }
  const bodies = [Buffer.alloc(15 * megabyte, "0"), Readable.toWeb(Readable.from(zeros()))];
  for (const body of bodies) {
    // A client that goes on sending may be cut off before it reads its answer.
    const status = await fetch(url, { method: "POST", headers, body, duplex: "half" } as RequestInit).then(
      (answer) => answer.status,
      () => 413,
    );
    expect(status).toBe(413);
  }
  expect((await webMemory()) - before).toBeLessThan(60 * megabyte);
});

test("an idle connection is kept for as long as KEEP_ALIVE_SECONDS says, which is longer than proxies keep theirs", async () => {
  const kept = new Agent({ keepAlive: true });
  const [answer] = (await once(get(`${baseUrl()}/api/health`, { agent: kept }), "response")) as [
    IncomingMessage,
  ];
  answer.resume();
  expect(answer.headers.connection).toBe("keep-alive");
  expect(answer.headers["keep-alive"]).toBe(`timeout=${webDefaults.keepAliveSeconds}`);
  expect(webDefaults.keepAliveSeconds).toBeGreaterThan(60);
  kept.destroy();
});

test("what a client does wrong is not a fault of the server's", async ({ request }) => {
  const { tenant } = person("owner");
  const { host } = new URL(baseUrl());
  expect(await raw(`OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toBe(400);
  expect(await raw(`GET http://evil.example/api/tenants HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toBe(400);
  expect(await raw("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")).toBe(400);
  for (const page of ["backup-schedules?search=%00", "audit-log?search=%00", "policies?policy_type=%00"])
    expect((await request.get(`/tenants/${tenant.id}/${page}`)).status(), page).toBe(400);
  const auth = "/api/auth";
  expect((await request.get(`${auth}/csrf?callbackUrl=http://%5B%0A%7B%22level%22:30%7D`)).status()).toBe(
    400,
  );
  const cookie = { cookie: "next-auth.callback-url=javascript:x" };
  expect((await request.get(`${auth}/session`, { headers: cookie })).status()).toBe(400);
  expect((await request.get(`${auth}/callback/credentials`)).status()).toBe(405);
  const json = { "content-type": "application/json" };
  expect((await request.post(`${auth}/callback/credentials`, { headers: json, data: "{bad" })).status()).toBe(
    400,
  );
  expect((await request.post(`${auth}/_log`, { form: { level: "error", code: "x" } })).status()).toBe(404);
});

test("a server action gets arguments that it can read, from our own pages, or nothing is done", async ({
  open,
}) => {
  const page = await open("owner");
  const { tenant } = person("owner");
  const origin = new URL(baseUrl()).origin;
  let action = "";
  page.on("request", (sent) => {
    action ||= sent.headers()["next-action"] ?? "";
  });
  await page.goto(`/tenants/${tenant.id}`);
  await page.keyboard.press("Control+k");
  await expect.poll(() => action).not.toBe("");
  const send = async (data: string, from = origin) =>
    (
      await page.request.post(`/tenants/${tenant.id}`, {
        headers: { "next-action": action, "content-type": "text/plain;charset=UTF-8", origin: from },
        data,
      })
    ).status();
  expect(await send(`[${tenant.id},"a"]`)).toBe(200);
  for (const broken of ["{bad", '["$F1"]', "x", "[[["]) expect(await send(broken), broken).toBe(400);
  expect(await send("[]", "https://evil.example")).toBe(403);
  expect(await send("x".repeat(2 * megabyte))).toBe(413);
});
