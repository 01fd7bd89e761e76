import { execFile } from "node:child_process";
import { chown, mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { databaseUser } from "../postgres/system-user.ts";

const run = promisify(execFile);

/** A disk in memory, which the tables lie on and which can be filled up. */
export interface SmallDisk {
  /** Takes all room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  unmount(): Promise<void>;
}

/**
 * Moves a database to a disk of its own, where this process may mount one: as root, that is.
 * @param adminUrl of the server's database `postgres`, as the superuser
 * @returns undefined where no disk can be mounted
 */
export async function smallDisk(
  home: string,
  { adminUrl, database, megabytes }: { adminUrl: string; database: string; megabytes: number },
): Promise<SmallDisk | undefined> {
  const user = await databaseUser();
  if (!user) return undefined;
  const folder = join(home, "disk");
  await mkdir(folder);
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tenantpilot-chaos", folder]);
  } catch {
    return undefined;
  }
  const tables = join(folder, "tables");
  const ballast = join(folder, "ballast");
  await mkdir(tables);
  for (const path of [folder, tables]) await chown(path, user.uid, user.gid);
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`CREATE TABLESPACE small LOCATION ${pg.escapeLiteral(tables)}`);
  await admin.query(`ALTER DATABASE ${pg.escapeIdentifier(database)} SET TABLESPACE small`);
  await admin.end();
  return {
    async fill() {
      const { bavail, bsize } = await statfs(folder);
      // Written in one go: what is left over afterwards is less than a page.
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize))).catch(() => {});
    },
    free: () => rm(ballast, { force: true }),
    async unmount() {
      await run("umount", [folder]);
    },
  };
}
