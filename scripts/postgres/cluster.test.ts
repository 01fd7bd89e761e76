import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { removeCluster, startCluster } from "./cluster.ts";

let home: string;
let folder: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "tenantpilot-cluster-"));
  await chmod(home, 0o711);
  folder = join(home, "postgres");
});

afterAll(async () => {
  await removeCluster(folder);
  await rm(home, { recursive: true, force: true });
});

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("the embedded PostgreSQL", { timeout: 60_000 }, () => {
  it("gives web and worker a role that row-level security binds", async () => {
    const cluster = await startCluster({ folder, durable: false });
    await cluster.createDatabase("kept");
    const [role] = await query(
      cluster.ownerUrl("kept"),
      `SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, pg_get_userbyid(datdba) AS owner
       FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`,
    );
    expect(role).toEqual({
      rolname: "tenantpilot",
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: true,
      owner: "tenantpilot",
    });
    await query(cluster.ownerUrl("kept"), "CREATE TABLE notes AS SELECT 'still here' AS text");
    await cluster.stop();
    await expect(query(cluster.ownerUrl("kept"), "SELECT 1")).rejects.toThrow();
  });

  it("has its data again, also after a crash", async () => {
    const cluster = await startCluster({ folder, durable: false });
    try {
      await cluster.restart("immediate");
      expect(await query(cluster.ownerUrl("kept"), "SELECT text FROM notes")).toEqual([
        { text: "still here" },
      ]);
    } finally {
      await cluster.stop();
    }
  });

  it("starts again by itself when the server is killed", async () => {
    const lines: string[] = [];
    const cluster = await startCluster({ folder, durable: false, log: (line) => lines.push(line) });
    try {
      // A backend that dies by SIGKILL makes the server restart; the server itself is the backends' parent.
      const { pid } = await postmaster(cluster.adminUrl("postgres"));
      process.kill(pid, "SIGKILL");
      await vi.waitFor(
        async () => expect((await postmaster(cluster.adminUrl("postgres"))).pid).not.toBe(pid),
        {
          timeout: 20_000,
        },
      );
      expect(lines).toContain("PostgreSQL ended unexpectedly; starting it again.");
    } finally {
      await cluster.stop();
    }
  });

  it("that is stopped while it starts again stays stopped", async () => {
    let stopped: Promise<void> | undefined;
    const cluster = await startCluster({
      folder,
      durable: false,
      log: () => {
        stopped = cluster.stop();
      },
    });
    try {
      process.kill((await postmaster(cluster.adminUrl("postgres"))).pid, "SIGKILL");
      await vi.waitFor(() => expect(stopped).toBeDefined(), { timeout: 20_000 });
      await stopped;
      // It starts within half a second where it does.
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await expect(query(cluster.ownerUrl("kept"), "SELECT 1")).rejects.toThrow("ECONNREFUSED");
    } finally {
      await cluster.stop();
    }
  });

  it("stops when the process that started it is killed, and the next start works", async () => {
    const fixture = fileURLToPath(new URL("cluster.fixture.ts", import.meta.url));
    const starter = spawn(process.execPath, [fixture, folder], { stdio: ["ignore", "pipe", "inherit"] });
    let url = "";
    try {
      const [said] = (await once(starter.stdout, "data")) as [Buffer];
      url = said.toString().trim();
      expect(await query(url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    } finally {
      // Left behind, it would keep the run of the tests from its end.
      starter.kill("SIGKILL");
    }
    await vi.waitFor(() => expect(query(url, "SELECT 1")).rejects.toThrow("ECONNREFUSED"), {
      timeout: 20_000,
    });

    const cluster = await startCluster({ folder, durable: false });
    expect(await query(cluster.ownerUrl("kept"), "SELECT text FROM notes")).toEqual([{ text: "still here" }]);
    await cluster.stop();
  });
});

async function postmaster(adminUrl: string): Promise<{ pid: number }> {
  const [row] = await query<{ pid: number }>(
    adminUrl,
    "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid",
  );
  if (!row) throw new Error("no answer");
  return row;
}
