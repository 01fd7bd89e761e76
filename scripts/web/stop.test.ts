import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const fixture = fileURLToPath(new URL("front-door.fixture.ts", import.meta.url));
const lightImports = new URL("../light-imports.ts", import.meta.url).href;

let server: ChildProcess | undefined;
afterEach(() => void server?.kill("SIGKILL"));

test("a server that stops ends what it has begun, and cuts nobody off", async () => {
  const child = spawn(process.execPath, ["--import", lightImports, fixture], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NEXTAUTH_URL: "http://localhost" },
  });
  server = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
  const kept = new Agent({ keepAlive: true });
  const ask = async (path: string, agent: Agent | false = kept) => {
    const request = get({ port, host: "127.0.0.1", path, agent, headers: { Host: "localhost" } });
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    const { statusCode: status, headers } = answer;
    return { status, connection: headers.connection, body: text(answer) };
  };

  expect(await ask("/")).toMatchObject({ status: 200, connection: "keep-alive" });
  const stream = await ask("/stream");
  const slow = ask("/slow");
  await delay(100);
  child.kill("SIGTERM");
  const exited = once(child, "exit");
  expect((await lines.next()).value).toBe("stopping");
  // Proxies have not noticed yet, and send more: it is answered, and the connection given up.
  expect(await ask("/")).toMatchObject({ status: 200, connection: "close" });
  expect(await stream.body).toBe("begun\nthe server stops\n");
  await expect(ask("/", false)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const { status, connection, body } = await slow;
  expect({ status, connection }).toEqual({ status: 200, connection: "close" });
  expect(JSON.parse(await body)).toMatchObject({ url: "/slow" });
  expect(await exited).toEqual([0, null]);
  kept.destroy();
});
