import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../launch/bundle.ts";
import { hashOfSources } from "../launch/source-hash.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, "node_modules/.cache/bundles");
const sources = ["{lib,worker,sandbox,scripts,bench/support}/**/*.{ts,json}", "package-lock.json"];

const made = new Map<string, Promise<string>>();
let hash: Promise<string> | undefined;

/**
 * A program of ours in one file, for tests that start it again and again: Node spends two seconds of a processor on
 * finding, stripping and compiling the thousand modules of a worker, and half a second on the same code in one. Kept from
 * run to run, until a source changes.
 * @param entry the program, below the repository: `worker/index.ts`
 * @returns the path of the file to run, with nothing before it: it needs no `--import` of light-imports.ts
 * @throws Error of the bundler, when a source cannot be read
 */
export function bundled(entry: string): Promise<string> {
  const file = made.get(entry) ?? keptBundle(entry);
  made.set(entry, file);
  return file;
}

async function keptBundle(entry: string): Promise<string> {
  hash ??= hashOfSources(sources);
  const name = `${basename(entry, ".ts")}.mjs`;
  const kept = join(cache, entry.replaceAll("/", "-"));
  const folder = join(kept, await hash);
  if (existsSync(join(folder, name))) return join(folder, name);
  await mkdir(kept, { recursive: true });
  for (const other of await readdir(kept))
    if (!other.startsWith(await hash)) await rm(join(kept, other), { recursive: true, force: true });
  const fresh = await mkdtemp(`${folder}-`);
  await bundle(entry, fresh, name);
  // Whoever was quicker made the same: theirs stays.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }));
  return join(folder, name);
}
