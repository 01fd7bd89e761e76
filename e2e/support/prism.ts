import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "../../scripts/postgres/free-port.ts";

const contract = fileURLToPath(
  new URL("../../docs/contract/backup-scheduling.openapi.yaml", import.meta.url),
);

/**
 * A proxy that holds every request and answer against the contract, and answers with an error of its own when one
 * of them is not as the contract says.
 * @param upstream the API's base URL
 */
export async function contractProxy(upstream: string): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const require = createRequire(import.meta.url);
  const prism = require.resolve("@stoplight/prism-cli/dist/index.js");
  const args = [
    prism,
    "proxy",
    contract,
    upstream,
    "--errors",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        if (line.includes("listening")) resolve();
      });
    }
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`The proxy ended (exit code ${code}):\n${said.join("\n")}`)),
    );
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) {
        await new Promise((resolved) => child.once("exit", resolved));
      }
    },
  };
}
