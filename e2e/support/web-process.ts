import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrateApart } from "../../scripts/launch/migrate-apart.ts";
import { onDatabase } from "./administrator.ts";
import { demo } from "./demo.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A web process on a database of its own in which nobody has an account, and the code that it says in its log. */
export async function startEmptyWeb(): Promise<{ url: string; code: string; stop: () => Promise<void> }> {
  const name = `empty_${randomBytes(4).toString("hex")}`;
  const address = new URL(demo().database_url);
  address.pathname = `/${name}`;
  await onDatabase(`CREATE DATABASE ${name}`);
  await migrateApart({ DATABASE_URL: address.href });
  const { said, ...web } = await startWeb({ DATABASE_URL: address.href });
  return {
    url: web.url,
    code: /\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b/.exec(said())?.[0] ?? "",
    async stop() {
      await web.stop();
      await onDatabase(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

export interface WebProcess {
  url: string;
  /** Its log. */
  said: () => string;
  stop: () => Promise<void>;
  /** Starts it once more where it was. */
  restart: () => Promise<void>;
}

/** Another web process on the demo's database, with settings of its own. */
export async function startWeb(settings: Record<string, string>): Promise<WebProcess> {
  const port = await freePort();
  let running = await startAt(port, settings);
  return {
    url: `http://localhost:${port}`,
    said: () => running.said(),
    stop: () => running.stop(),
    async restart() {
      running = await startAt(port, settings);
    },
  };
}

async function startAt(
  port: number,
  settings: Record<string, string>,
): Promise<Pick<WebProcess, "said" | "stop">> {
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
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  // The log.
  let said = "";
  child.stderr.on("data", (part) => {
    said += part;
  });
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
    said: () => said,
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
