import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs `prisma/migrate.ts` in a process of its own: it reads settings of the environment that this one lacks.
 * @returns what it said, a line for each migration
 * @throws Error with its own message when it failed
 */
export async function migrateApart(
  databaseUrl: string,
  environment: Record<string, string> = {},
): Promise<string> {
  const env = { ...process.env, ...environment, DATABASE_URL: databaseUrl };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["prisma/migrate.ts"], { cwd: root, env });
    return stdout.trim();
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(said || String(error), { cause: error });
  }
}
