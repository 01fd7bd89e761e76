import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "#prisma/migrate";
import { withOwner } from "../../scripts/archive/copy-session.ts";
import { type Cluster, removeCluster, startCluster } from "../../scripts/postgres/cluster.ts";
import { databaseUser } from "../../scripts/postgres/system-user.ts";
import { connectionAddress, directAddress, directAddressOf } from "./address.ts";
import { database, disconnect } from "./client.ts";
import { tlsFault } from "./tls-fault.ts";
import { databaseTrouble } from "./trouble.ts";

/** What each mode of TLS does, against a server with a certificate of its own making for the name localhost. */

let folder: string;
let cluster: Cluster;
const environment = { ...process.env };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenantpilot-tls-"));
  await chmod(folder, 0o755);
  const user = await databaseUser();
  for (const name of ["server", "other"]) {
    const made = await generate([{ name: "commonName", value: "localhost" }], {
      keyType: "ec",
      curve: "P-256",
      algorithm: "sha256",
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
      ],
    });
    await writeFile(join(folder, `${name}.crt`), made.cert);
    await writeFile(join(folder, `${name}.key`), made.private, { mode: 0o600 });
    if (user) await chown(join(folder, `${name}.key`), user.uid, user.gid);
  }
  cluster = await startCluster({
    folder: join(folder, "postgres"),
    durable: false,
    settings: { ssl: "on", ssl_cert_file: file("server.crt"), ssl_key_file: file("server.key") },
  });
});
afterAll(async () => {
  await disconnect();
  Object.assign(process.env, environment);
  await cluster?.stop();
  await removeCluster(join(folder, "postgres"));
  await rm(folder, { recursive: true, force: true });
});

const file = (name: string) => join(folder, name);

/** @param query of the address, in which CA and OTHER stand for certificates */
function address(query: string, host = "localhost"): string {
  const url = new URL(cluster.adminUrl("postgres"));
  url.hostname = host;
  url.search = query.replace("CA", file("server.crt")).replace("OTHER", file("other.crt"));
  return url.href;
}

/** How the connection is, or the line that says why there is none. */
async function connect(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: connectionAddress(url) });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ ssl: boolean }>(
      "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    );
    return rows[0]?.ssl ? "TLS" : "in clear";
  } catch (error) {
    return tlsFault(error) ?? `unexplained: ${error}`;
  } finally {
    await client.end().catch(() => {});
  }
}

const untrusted = /signed by nobody whom this process trusts: .*sslmode=verify-full&sslrootcert=/;
const otherName = /for another name than the host/;

test("each mode does what the table in docs/operating.md says", async () => {
  expect(await connect(address(""))).toBe("in clear");
  expect(await connect(address("?sslmode=disable"))).toBe("in clear");
  expect(await connect(address("?sslmode=no-verify"))).toBe("TLS");
  for (const mode of ["prefer", "require", "verify-ca", "verify-full"]) {
    expect(await connect(address(`?sslmode=${mode}`)), mode).toMatch(untrusted);
    expect(await connect(address(`?sslmode=${mode}&sslrootcert=OTHER`)), mode).toMatch(untrusted);
    expect(await connect(address(`?sslmode=${mode}&sslrootcert=CA`)), mode).toBe("TLS");
    expect(await connect(address(`?sslmode=${mode}&sslrootcert=CA`, "127.0.0.1")), mode).toMatch(otherName);
  }
  const like = "uselibpqcompat=true&sslmode";
  expect(await connect(address(`?${like}=require`))).toBe("TLS");
  expect(await connect(address(`?${like}=verify-ca&sslrootcert=CA`, "127.0.0.1"))).toBe("TLS");
  expect(await connect(address(`?${like}=verify-full&sslrootcert=CA`, "127.0.0.1"))).toMatch(otherName);
  expect(() => connectionAddress(address("?sslmode=verify_full"))).toThrow(
    /sslmode=verify_full is none of disable, prefer/,
  );
});

test("web, worker, migrations and scripts say what is wrong in one line", async () => {
  const line = (said: string) =>
    new RegExp(`^Cannot connect to PostgreSQL at localhost[^\\n]*${said}[^\\n]*$`);
  const said = (work: Promise<unknown>) => work.then(String, ({ message }: Error) => message);
  const bad = address("?sslmode=require");
  expect(await said(migrate(bad))).toMatch(line(untrusted.source));
  expect(await said(withOwner(bad, async () => {}))).toMatch(line(untrusted.source));
  process.env.DATABASE_URL = bad;
  const error = await database().$queryRaw`SELECT 1`.catch((thrown: unknown) => thrown);
  expect(tlsFault(error)).toMatch(untrusted);
  expect(databaseTrouble(error)).toBe("away");
  await disconnect();
  process.env.DATABASE_URL = address("?sslmode=require&sslrootcert=CA");
  expect(await database().$queryRaw`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`).toEqual([
    { ssl: true },
  ]);
});

test("an address past the pooler has the login of whoever goes there, unless it names one", () => {
  process.env.DATABASE_URL = "postgresql://tp_web:p%40ss@pooler:6432/tenantpilot";
  process.env.DATABASE_DIRECT_URL = "postgresql://db.example/tenantpilot?sslmode=require";
  expect(directAddress()).toBe("postgresql://tp_web:p%40ss@db.example/tenantpilot?sslmode=verify-full");
  process.env.DATABASE_DIRECT_URL = "postgresql://listener:x@db.example/tenantpilot";
  expect(directAddress()).toBe("postgresql://listener:x@db.example/tenantpilot");
  const owner = "postgresql://owner:y@pooler:6432/tenantpilot";
  expect(directAddressOf(owner, process.env.DATABASE_DIRECT_URL)).toBe(
    "postgresql://owner:y@db.example/tenantpilot",
  );
  expect(directAddressOf(owner, undefined)).toBe(owner);
  delete process.env.DATABASE_DIRECT_URL;
  expect(directAddress()).toBe(process.env.DATABASE_URL);
});
