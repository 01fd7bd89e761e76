import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateApart } from "../launch/migrate-apart.ts";
import { removeCluster, startCluster } from "../postgres/cluster.ts";

/** A migrated database on a PostgreSQL of its own, which may be stopped and crashed. */
export interface OwnDatabase {
  /** As the role `tenantpilot`, which web and worker use. */
  url: string;
  /** As the superuser. */
  adminUrl: string;
  /** Cuts all connections as a crash does, recovers, and answers again. */
  crash(): Promise<void>;
  /** Stops PostgreSQL until {@link start}. */
  stop(): Promise<void>;
  /** Starts it again, at the same address. */
  start(): Promise<void>;
  /** Stops it for good and removes its files. */
  drop(): Promise<void>;
}

/** Starts a PostgreSQL that flushes to disk as in production, with one migrated and empty database; about 5 s. */
export async function ownDatabase(settings: Record<string, string> = {}): Promise<OwnDatabase> {
  const home = await mkdtemp(join(tmpdir(), "tenantpilot-own-"));
  // The database's own user passes through here.
  await chmod(home, 0o711);
  const folder = join(home, "postgres");
  const name = "own";
  let cluster = await startCluster({ folder, settings });
  const drop = async () => {
    await cluster.stop();
    await removeCluster(folder);
    await rm(home, { recursive: true, force: true });
  };
  try {
    await cluster.createDatabase(name);
    await migrateApart(cluster.url(name));
  } catch (error) {
    await drop();
    throw error;
  }
  return {
    url: cluster.url(name),
    adminUrl: cluster.adminUrl(name),
    crash: () => cluster.restart("immediate"),
    stop: () => cluster.stop(),
    async start() {
      cluster = await startCluster({ folder, settings });
    },
    drop,
  };
}
