import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "#lib/testing/database";
import { removeCluster, startCluster } from "../postgres/cluster.ts";
import { addressesOf, createMigrated } from "./migrated.ts";

/** A migrated database on a PostgreSQL of its own, which may be crashed; `drop` removes its files. */
export interface OwnDatabase extends TestDatabase {
  /** Cuts all connections as a crash does, recovers, and answers again. */
  crash(): Promise<void>;
}

/** Starts a PostgreSQL that flushes to disk as in production, with one migrated and empty database; about 5 s. */
export async function ownDatabase(settings: Record<string, string> = {}): Promise<OwnDatabase> {
  const home = await mkdtemp(join(tmpdir(), "tenantpilot-own-"));
  // The database's own user passes through here.
  await chmod(home, 0o711);
  const folder = join(home, "postgres");
  const name = "own";
  const cluster = await startCluster({ folder, settings });
  const drop = async () => {
    await cluster.stop();
    await removeCluster(folder);
    await rm(home, { recursive: true, force: true });
  };
  try {
    await createMigrated(cluster, name);
  } catch (error) {
    await drop();
    throw error;
  }
  return {
    ...addressesOf(cluster, name),
    crash: () => cluster.restart("immediate"),
    drop,
  };
}
