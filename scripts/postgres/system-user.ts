import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where files of the database go that its own user could not reach where they are. */
export const systemFolder = "/var/lib/tenantpilot";

export interface SystemUser {
  uid: number;
  gid: number;
}

/**
 * The user that PostgreSQL must run as: it refuses to run as root. Undefined when this process is not root, and may
 * run it itself. Creates the user `postgres` where there is none.
 */
export async function databaseUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await idsOf("postgres");
  if (known) return known;
  try {
    await run("useradd", [
      "--system",
      "--user-group",
      "--no-create-home",
      "--shell",
      "/usr/sbin/nologin",
      "postgres",
    ]);
  } catch (error) {
    throw new Error(
      "PostgreSQL refuses to run as root, and a user `postgres` for it could not be created. " +
        "Start as a normal user, or create that user.",
      { cause: error },
    );
  }
  const created = await idsOf("postgres");
  if (!created)
    throw new Error("The user `postgres` was created, and cannot be found. Start as a normal user.");
  return created;
}

/** Whether a user who is neither owner nor in the group gets to this path: every folder above needs x for others. */
export function canReach(path: string): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function idsOf(name: string): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
