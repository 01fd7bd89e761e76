import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demo } from "./demo.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Another web process on the demo's database, with settings of its own. */
export async function startWeb(
  settings: Record<string, string>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const secrets = JSON.parse(
    await readFile(join(process.env.TENANTPILOT_E2E_DATA_DIR ?? "", "secrets.json"), "utf8"),
  ) as Record<string, string>;
  const child = spawn(
    process.execPath,
    ["--import", "./scripts/light-imports.ts", "scripts/web.ts", "--port", String(port)],
    {
      cwd: root,
      env: {
        ...process.env,
        ...secrets,
        DATABASE_URL: demo().database_url,
        DATABASE_ALLOW_SUPERUSER: "true",
        NEXTAUTH_URL: url,
        HOST: "localhost",
        ...settings,
      },
      stdio: "ignore",
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for (let tries = 0; ; tries += 1) {
    if (
      await fetch(`${url}/sign-in`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    if (child.exitCode !== null || tries > 300) throw new Error("The web process does not answer");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    url,
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "localhost", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
