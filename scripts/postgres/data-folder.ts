import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, lstat, mkdir, mkdtemp, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import { canReach, type SystemUser, systemFolder } from "./system-user.ts";

const run = promisify(execFile);

/**
 * The folder that the database files of `folder` are really in, made when missing. It is `folder` itself, except
 * where the database's user cannot get there (a clone below /root): then `folder` is a link to one below
 * /var/lib, so that deleting the data folder still starts anew.
 */
export async function dataFolder(folder: string, user: SystemUser | undefined): Promise<string> {
  await mkdir(dirname(folder), { recursive: true });
  if (!user || canReach(dirname(folder))) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (user) await chown(folder, user.uid, user.gid);
    return folder;
  }
  const target = (await linkTarget(folder)) ?? (await elsewhere(folder));
  await mkdir(target, { recursive: true, mode: 0o700 });
  await chown(target, user.uid, user.gid);
  return target;
}

/** Creates an empty cluster with one superuser, `postgres`, unless the folder holds one already. */
export async function initialise(
  folder: string,
  binaries: Binaries,
  user: SystemUser | undefined,
  options: { password: string; durable: boolean },
): Promise<void> {
  if (existsSync(join(folder, "global", "pg_control"))) return;
  const passwordFolder = await mkdtemp(join(tmpdir(), "tenantpilot-initdb-"));
  const passwordFile = join(passwordFolder, "password");
  try {
    await writeFile(passwordFile, options.password, { mode: 0o600 });
    if (user) {
      await chown(passwordFolder, user.uid, user.gid);
      await chown(passwordFile, user.uid, user.gid);
    }
    await run(
      binaries.initdb,
      [
        `--pgdata=${folder}`,
        "--username=postgres",
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        // The same order and case rules on every machine, whatever locales it has.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        ...(options.durable ? [] : ["--no-sync"]),
      ],
      { cwd: "/", env: { ...process.env, LC_ALL: "C" }, ...user },
    );
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    throw new Error(`The database files could not be created in ${folder}:\n${said}`, { cause: error });
  } finally {
    await rm(passwordFolder, { recursive: true, force: true });
  }
}

async function linkTarget(folder: string): Promise<string | undefined> {
  const entry = await lstat(folder).catch(() => undefined);
  if (entry?.isSymbolicLink()) return readlink(folder);
  if (entry) {
    throw new Error(
      `${folder} holds database files that the user postgres cannot reach, since a folder above is closed to it. ` +
        "Open that folder (chmod o+x), or choose another --data-dir.",
    );
  }
  return undefined;
}

async function elsewhere(folder: string): Promise<string> {
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  const target = join(systemFolder, `data-${name}`);
  await mkdir(systemFolder, { recursive: true, mode: 0o755 });
  // The link was deleted, so the person wants to start anew.
  await rm(target, { recursive: true, force: true });
  await symlink(target, folder);
  return target;
}
