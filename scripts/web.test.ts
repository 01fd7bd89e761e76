import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { expect, test } from "vitest";
import { testDatabase } from "#lib/testing/database";
import { bundled } from "./testing/bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const good: NodeJS.ProcessEnv = {
  DATABASE_URL: "postgresql://nobody@127.0.0.1:1/nothing",
  LOG_LEVEL: "info",
  NODE_ENV: "production",
};

/** Starts a process that should not start. @returns its exit code and its lines */
async function start(file: string, settings: Record<string, string>) {
  const what = file.startsWith("worker/")
    ? [await bundled(file)]
    : ["--import", "./scripts/light-imports.ts", file];
  const child = spawn(process.execPath, what, {
    cwd: root,
    env: { ...process.env, ...good, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, lines: `${out}${err}`.trimEnd().split("\n") };
}

/** Starts on a database in which a statement has been carried out, as its superuser. */
async function startAfter(statement: string, file: string) {
  const database = await testDatabase();
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query(statement);
  await client.end();
  const addresses = { DATABASE_URL: database.webUrl, DATABASE_WORKER_URL: database.workerUrl };
  const ended = await start(file, { ...addresses, HOST: "127.0.0.1", PORT: "0" });
  await database.drop();
  return ended;
}

test.each([
  ["scripts/web.ts", { NEXTAUTH_SECRET: "a" }, "NEXTAUTH_SECRET: must have at least 32 bytes"],
  ["scripts/web.ts", { NEXTAUTH_SECRET: "" }, "NEXTAUTH_SECRET is not set"],
  ["scripts/web.ts", { NEXTAUTH_URL: "" }, "NEXTAUTH_URL is not set"],
  ["scripts/web.ts", { NEXTAUTH_URL: "http://backup.example" }, "NEXTAUTH_URL: must begin with https://"],
  ["scripts/web.ts", { TENANTPILOT_ENCRYPTION_KEY: "" }, "TENANTPILOT_ENCRYPTION_KEY is not set"],
  ["scripts/web.ts", { TENANTPILOT_ENCRYPTION_KEY: "c2hvcnQ=" }, "must be 32 bytes in base64, not 5"],
  ["scripts/web.ts", { PORT: "80000" }, "PORT: must be a number up to 65535"],
  ["scripts/web.ts", { PORT: "0", HOST: "192.0.2.1" }, "HOST is no address of this machine"],
  ["worker/index.ts", { TENANTPILOT_ENCRYPTION_KEY: "" }, "TENANTPILOT_ENCRYPTION_KEY is not set"],
  ["worker/index.ts", { NEXTAUTH_SECRET: "a" }, "NEXTAUTH_SECRET: must have at least 32 bytes"],
])(
  "%s does not start with %j, and says why in one line",
  async (file, settings: Record<string, string>, why) => {
    const { code, lines } = await start(file, settings);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "fatal", msg: expect.stringContaining(why) });
  },
);

test("the web server does not start on a port that is taken, and says so in one line", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = address && typeof address === "object" ? String(address.port) : "";
  const { code, lines } = await start("scripts/web.ts", { HOST: "127.0.0.1", PORT: port });
  other.close();
  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "").msg).toContain("another program listens on this port");
});

test.each(["scripts/web.ts", "worker/index.ts"])(
  "%s does not start with another encryption key than the database's, and says so in one line",
  async (file) => {
    const { code, lines } = await startAfter(
      "INSERT INTO encryption_key_check (key_hash) VALUES (repeat('0', 64))",
      file,
    );
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "").msg).toContain("is not the key that the credentials in this database");
  },
);

test.each(["scripts/web.ts", "worker/index.ts"])(
  "%s does not start on a schema that a newer version has made, and says so in one line",
  async (file) => {
    const { code, lines } = await startAfter(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ('newer', '', '20991231000000_of_a_newer_version', now(), 1)`,
      file,
    );
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    const { level, msg } = JSON.parse(lines[0] ?? "");
    expect(level).toBe("fatal");
    expect(msg).toContain("of a newer version (20991231000000_of_a_newer_version). Start that version");
  },
);
