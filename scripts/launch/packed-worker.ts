import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { hashOfFiles } from "./source-hash.ts";

// A worker in one file starts in a quarter of the time, and takes a third less memory: Node leaves the types out of a
// thousand files otherwise, by a program that keeps the memory which the largest of them took.

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The worker's program as it is written. */
export const workerFile = "worker/index.ts";

/** The worker in one file, below the repository, beside the build of the pages; the parts it seldom needs are next to it. */
export const packedWorker = ".next/worker/index.mjs";

/** What it was packed from: our own files, what names the packages, and what packs them. */
interface Origin {
  files: string[];
  hash: string;
}

const packedFolder = resolve(root, dirname(packedWorker));
/** Where a folder says what it was packed from. */
const originOf = (folder: string) => join(folder, "made-from.json");

/**
 * Whether the packed worker is there and of the sources that are here. Who has changed a file since runs the sources,
 * until the next build.
 */
export async function isPackedWorkerCurrent(folder = packedFolder): Promise<boolean> {
  try {
    const { files, hash } = JSON.parse(await readFile(originOf(folder), "utf8")) as Origin;
    return (await hashOfFiles(files)) === hash;
  } catch {
    // Not packed, or a source is gone.
    return false;
  }
}

/**
 * Packs the worker, unless it is packed already.
 * @param pack writes a program and all that it imports to a folder, under a name, and says which files that came of
 * @param folder where it shall be
 * @returns whether it was packed now
 */
export async function packWorker(
  pack: (folder: string, name: string) => Promise<string[]>,
  folder = packedFolder,
): Promise<boolean> {
  if (await isPackedWorkerCurrent(folder)) return false;
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  try {
    const own = (await pack(fresh, basename(packedWorker)))
      .map((file) => relative(root, file))
      .filter((file) => !file.startsWith("..") && !file.startsWith("node_modules/"));
    const files = [...new Set([...own, "package.json", "package-lock.json"])].sort();
    const origin: Origin = { files, hash: await hashOfFiles(files) };
    await writeFile(originOf(fresh), JSON.stringify(origin));
    // Never half of one and half of the other: a worker that starts in between runs the sources.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    await rename(fresh, folder).catch(async (error: unknown) => {
      // Whoever was quicker packed the same: theirs stays.
      if (!(await isPackedWorkerCurrent(folder))) throw error;
    });
    return true;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
