import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startGraphTestServer } from "#lib/testing/graph-server";

const program = fileURLToPath(new URL("../testing/graph-process.ts", import.meta.url));

/** A proxy, and whom it was asked for. */
function startProxy() {
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "");
    asked.add(url.host);
    const { method, headers } = request;
    const passedOn = forward(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passedOn);
  });
  server.on("connect", (request, socket, head) => {
    const host = request.url ?? "";
    asked.add(host);
    const there = connect(Number(host.split(":").at(-1)), "localhost", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    there.on("error", () => socket.destroy());
    socket.on("error", () => there.destroy());
  });
  return { asked, server: server.listen(0, "127.0.0.1") };
}

test("sign-in and Graph are reached through the proxy that Node's own variables name", async () => {
  await using graph = await startGraphTestServer();
  graph.reply(() => ({ body: { value: [{ id: "one" }, { id: "two" }] } }));
  const { asked, server } = startProxy();
  await once(server, "listening");
  const folder = await mkdtemp(join(tmpdir(), "tenantpilot-proxy-"));
  try {
    const authority = join(folder, "ca.pem");
    await writeFile(authority, graph.caCertificate);
    const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const said = await promisify(execFile)(process.execPath, [program, JSON.stringify(graph.connection)], {
      env: {
        ...process.env,
        NODE_USE_ENV_PROXY: "1",
        NODE_EXTRA_CA_CERTS: authority,
        // Those in small letters come first, where a machine has them.
        ...{ HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, https_proxy: proxy },
        ...{ NO_PROXY: "", no_proxy: "" },
      },
    });
    expect(said.stdout).toBe("2\n");
    const { loginUrl, graphUrl } = graph.connection;
    expect([...asked].sort()).toEqual([loginUrl, graphUrl].map((url) => new URL(url).host).sort());
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
