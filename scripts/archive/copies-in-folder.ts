import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type CopyTarget, parseSums, sumsFile, sumsText } from "./copy-target.ts";
import { removeLeft } from "./left-behind.ts";
import { PlaceFault, placeFault, saidBy } from "./place-fault.ts";
import { flushFolder } from "./write-backup.ts";

/** What is written gets such a name first: `partialOf`. Older versions put the number of their process into it. */
const partialName = /^\.(?:set-\d+(?:-[0-9a-f]{12})?\.zip|SHA256SUMS)\.(?:\d+|[0-9a-f]{12})\.partial$/;

/** What is written to try a place out, which is taken away at once: `tryOut`. */
const trial = "trial";
const trialName = /^\.trial\.(?:\d+|[0-9a-f]{12})\.partial$/;

/**
 * Copies in a folder, which is made when missing: a folder a tenant. A copy has its name, and then its hash, when it is whole
 * and on the disk.
 */
export function copiesInFolder(to: string): CopyTarget {
  let swept: Promise<void> | undefined;
  return {
    async tenant(id) {
      swept ??= removeLeft(to, trialName);
      await swept;
      const folder = join(to, `tenant-${id}`);
      await removeLeft(folder, partialName);
      const sums = parseSums(await readFile(join(folder, sumsFile), "utf8").catch(noneThere("")));
      return {
        sums,
        pathOf: (name) => join(folder, name),
        async write(name, content) {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          sums.set(name, await writeWhole(folder, name, content));
          await writeSums(folder, sumsText(sums));
        },
        async hashOf(name) {
          const hash = createHash("sha256");
          return pipeline(createReadStream(join(folder, name)), hash).then(
            () => hash.digest("hex"),
            noneThere(null),
          );
        },
        async close() {},
      };
    },
    async faultAfter(error) {
      return placeFault(error, to) ?? (await tryOut(to));
    },
  };
}

/** Writes a file and takes it away: so it shows whether a folder is there, and may be written by whoever runs this. */
async function tryOut(folder: string): Promise<PlaceFault | null> {
  const file = partialOf(folder, trial);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, trial, { mode: 0o600, flush: true });
    return null;
  } catch (error) {
    return (
      placeFault(error, folder) ?? new PlaceFault(`Nothing can be written into ${folder}: ${saidBy(error)}`)
    );
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
}

/** Two that copy at once write into two. No process id tells them apart: in containers all have the same. */
function partialOf(folder: string, name: string): string {
  return join(folder, `.${name}.${randomBytes(6).toString("hex")}.partial`);
}

/** @returns the hash */
async function writeWhole(folder: string, name: string, content: AsyncIterable<Uint8Array>): Promise<string> {
  const partial = partialOf(folder, name);
  const hash = createHash("sha256");
  try {
    await pipeline(
      content,
      async function* (pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(partial, { mode: 0o600, flush: true }),
    );
    await rename(partial, join(folder, name));
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  }
  return hash.digest("hex");
}

async function writeSums(folder: string, text: string): Promise<void> {
  const partial = partialOf(folder, sumsFile);
  try {
    await writeFile(partial, text, { mode: 0o600, flush: true });
    await rename(partial, join(folder, sumsFile));
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  }
  await flushFolder(folder);
}

function noneThere<T>(answer: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return answer;
    throw error;
  };
}
