import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The logins of a database, by the names of their variables. */
export interface DatabaseUrls {
  /** Without it, web's login migrates too. */
  DATABASE_OWNER_URL?: string;
  DATABASE_URL: string;
  /** Without it, web's login is worker's too. */
  DATABASE_WORKER_URL?: string;
}

/**
 * Runs `prisma/migrate.ts` in a process of its own: it reads settings of the environment that this one lacks.
 * @returns what it said, a line for each migration
 * @throws Error with its own message when it failed
 */
export async function migrateApart(
  urls: DatabaseUrls,
  environment: Record<string, string> = {},
): Promise<string> {
  // None of this process's own logins: they are another database's.
  const none = { DATABASE_OWNER_URL: "", DATABASE_WORKER_URL: "", DATABASE_DIRECT_URL: "" };
  const env = { ...process.env, ...environment, ...none, ...urls };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["prisma/migrate.ts"], { cwd: root, env });
    return stdout.trim();
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(said || String(error), { cause: error });
  }
}
