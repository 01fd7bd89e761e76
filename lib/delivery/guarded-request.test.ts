import { createServer, type Server } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { trustedCertificate } from "#lib/testing/trusted-certificate";
import { guardedRequest } from "./guarded-request.ts";

/** What somebody enters as an address who wants to reach what only this machine can. */

let receiver: Server;
let port: number;
const reached: string[] = [];

beforeAll(async () => {
  const tls = await trustedCertificate();
  receiver = createServer(tls, (request, response) => {
    reached.push(`${request.headers.host}${request.url}`);
    if (request.url === "/redirect") {
      response.writeHead(302, { location: `https://127.0.0.1:${port}/behind` }).end();
    } else if (request.url === "/endless") {
      response.writeHead(500);
      const more = () => response.write("x".repeat(1_000)) && setImmediate(more);
      response.on("drain", more).on("error", () => {});
      more();
    } else if (request.url === "/dripping") response.writeHead(200).write("x");
    else response.writeHead(200).end("taken");
  });
  // Connections count, whatever becomes of their TLS.
  receiver.on("connection", () => reached.push("connected"));
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  ({ port } = receiver.address() as AddressInfo);
  process.env.DATABASE_URL ??= "postgresql://nobody@localhost/none";
});
afterEach(() => {
  reached.length = 0;
  delete process.env.ALERT_PRIVATE_NETWORKS;
});
afterAll(() => new Promise((resolve) => receiver.close(resolve)));

/** A name server by which a name leads wherever its owner wants. */
const resolving =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

const literal = [
  "https://127.0.0.1:PORT/",
  "https://127.1:PORT/",
  "https://127.000.000.001:PORT/",
  "https://2130706433:PORT/",
  "https://0x7f000001:PORT/",
  "https://0x7f.1:PORT/",
  "https://0177.0.0.1:PORT/",
  "https://017700000001:PORT/",
  "https://0:PORT/",
  "https://0.0.0.0:PORT/",
  "https://①②⑦.⓪.⓪.①:PORT/",
  "https://127。0。0。1:PORT/",
  "https://%31%32%37.0.0.1:PORT/",
  "https://[::1]:PORT/",
  "https://[::]:PORT/",
  "https://[::ffff:127.0.0.1]:PORT/",
  "https://[::ffff:7f00:1]:PORT/",
  "https://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
  "https://[::127.0.0.1]:PORT/",
  "https://[64:ff9b::7f00:1]:PORT/",
  "https://[2002:7f00:1::]:PORT/",
  "https://[2001:0:7f00:1::]:PORT/",
  "https://[fe80::1]:PORT/",
  "https://[fc00::1]:PORT/",
  "https://[fd00:ec2::254]/latest/meta-data/",
  "https://[ff02::1]:PORT/",
  "https://[2001:db8::1]:PORT/",
  "https://169.254.169.254/latest/meta-data/",
  "https://2852039166/latest/meta-data/",
  "https://168.63.129.16/metadata/instance",
  "https://100.100.100.200/latest/meta-data/",
  "https://192.0.0.192/opc/v2/",
  "https://10.0.0.1/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.1.1/",
  "https://100.64.0.1/",
  "https://198.18.0.1/",
  "https://224.0.0.1/",
  "https://240.0.0.1/",
  "https://255.255.255.255/",
  "http://127.0.0.1:PORT/",
  "http://hooks.example.com/",
  "ftp://127.0.0.1:PORT/",
  "file:///etc/passwd",
  "gopher://127.0.0.1:PORT/_GET",
  "data:text/plain,hello",
  "https://user:password@hooks.example.com/",
  "https://hooks.example.com@127.0.0.1:PORT/",
  "https://127.0.0.1:PORT#@hooks.example.com/",
  "https://127.0.0.1:PORT\\@hooks.example.com/",
  "https:127.0.0.1:PORT/",
  "//127.0.0.1:PORT/",
  "127.0.0.1:PORT",
  "",
];

test.each(literal)("no connection is made to %j", async (text) => {
  const url = text.replace("PORT", String(port));
  let asked = 0;
  const resolve = async () => {
    asked += 1;
    return [{ address: "127.0.0.1", family: 4 }];
  };
  await expect(guardedRequest({ method: "GET", url }, resolve)).rejects.toThrow(
    /must begin|not an address|not a public|no user/,
  );
  expect([asked, reached]).toEqual([0, []]);
});

test.each([
  ["localhost", ["127.0.0.1"]],
  ["localhost.", ["127.0.0.1"]],
  ["hooks.localhost", ["127.0.0.1"]],
  ["127.0.0.1.nip.example", ["127.0.0.1"]],
  ["metadata.google.internal", ["169.254.169.254"]],
  ["mapped.example", ["::ffff:127.0.0.1"]],
  ["six.example", ["::1"]],
  ["link-local.example", ["fe80::1%eth0"]],
  ["half-good.example", ["93.184.215.14", "127.0.0.1"]],
  ["the-other-half.example", ["127.0.0.1", "93.184.215.14"]],
  ["not-an-address.example", ["127.0.0.1.evil"]],
])("no connection is made by the name %s, which leads to %j", async (host, addresses) => {
  const url = `https://${host}:${port}/`;
  await expect(guardedRequest({ method: "POST", url, body: "{}" }, resolving(...addresses))).rejects.toThrow(
    "is not a public address",
  );
  expect(reached).toEqual([]);
});

test("a name that changes between check and use leads where it led when it was checked, and is asked once", async () => {
  let asked = 0;
  // TEST-NET-1 takes the place of a public address that answers nobody.
  const answers = [["127.0.0.1"], ["192.0.2.1"]];
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8";
  const resolve = async () => resolving(...(answers[asked++] ?? []))();
  const answered = await guardedRequest({ method: "GET", url: `https://localhost:${port}/good` }, resolve);
  expect([asked, answered.status, reached]).toEqual([1, 200, ["connected", `localhost:${port}/good`]]);
});

test("what whoever runs the service allows is reached, and nothing beside it; TLS asks for the name", async () => {
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.1/32, 10.1.0.0/16";
  const get = (host: string, ...addresses: string[]) =>
    guardedRequest({ method: "GET", url: `https://${host}:${port}/` }, resolving(...addresses));
  expect(await get("localhost", "127.0.0.1")).toMatchObject({ status: 200, answer: "taken" });
  reached.length = 0;
  await expect(get("localhost", "127.0.0.2")).rejects.toThrow("is not a public address");
  await expect(get("localhost", "10.2.0.1")).rejects.toThrow("is not a public address");
  expect(reached).toEqual([]);
  // The certificate is localhost's.
  await expect(get("other.example", "127.0.0.1")).rejects.toThrow(/other\.example/);
});

test("a redirect is an answer, and is not followed; of a long answer the beginning is read", async () => {
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8";
  const get = (path: string) => guardedRequest({ method: "GET", url: `https://localhost:${port}/${path}` });
  expect((await get("redirect")).status).toBe(302);
  expect(reached.filter((request) => request.endsWith("/behind"))).toEqual([]);
  const { status, answer } = await get("endless");
  expect([status, answer.length]).toEqual([500, 2_048]);
});

test("an attempt is over after ten seconds, also where an answer has begun and does not end", async () => {
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8";
  const soon = AbortSignal.timeout(300);
  const limit = vi.spyOn(AbortSignal, "timeout").mockReturnValue(soon);
  try {
    const url = `https://localhost:${port}/dripping`;
    await expect(guardedRequest({ method: "GET", url })).rejects.toThrow("no answer within 10 seconds");
    expect(limit).toHaveBeenCalledWith(10_000);
  } finally {
    limit.mockRestore();
  }
});

test("a receiver that takes the connection and says nothing ends with the caller, who is told why", async () => {
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8";
  const silent = createTcpServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  await expect(guardedRequest({ method: "GET", url, signal: AbortSignal.timeout(50) })).rejects.toThrow();
  silent.close();
});
