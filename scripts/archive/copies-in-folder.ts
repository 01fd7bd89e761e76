import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { type CopyTarget, parseSums, sumsFile, sumsText } from "./copy-target.ts";
import { removeLeft } from "./left-behind.ts";
import { PlaceFault, placeFault, saidBy } from "./place-fault.ts";
import { flushFolder } from "./write-backup.ts";

/** What is written gets such a name first: `partialOf`. Older versions put the number of their process into it. */
const partialName =
  /^\.(?:(?:set-\d+(?:-[0-9a-f]{12})?\.zip|SHA256SUMS)\.(?:\d+|[0-9a-f]{12})\.partial|SHA256SUMS\.lock)$/;

/** What is written to try a place out, which is taken away at once: `tryOut`. */
const trial = "trial";
const trialName = /^\.trial\.(?:\d+|[0-9a-f]{12})\.partial$/;

/** There while somebody gives a copy its name and notes its hash. */
const lockFile = `.${sumsFile}.lock`;

/** In milliseconds. */
interface LockTimes {
  /** Between two looks at a lock that another one has. */
  lookEvery: number;
  /** Who has had it for so long, which takes some milliseconds, was killed. No clock but our own says so: a share has another. */
  leftAfter: number;
}

const usualTimes: LockTimes = { lookEvery: 20, leftAfter: 30_000 };

/**
 * Copies in a folder, which is made when missing: a folder a tenant. A copy has its name, and then its hash, when it is whole
 * and on the disk. Several may copy into it at once: each notes its own, and leaves what others have noted.
 */
export function copiesInFolder(to: string, times = usualTimes): CopyTarget {
  let swept: Promise<void> | undefined;
  return {
    async tenant(id) {
      swept ??= removeLeft(to, trialName);
      await swept;
      const folder = join(to, `tenant-${id}`);
      await removeLeft(folder, partialName);
      const sums = await readSums(folder);
      return {
        sums,
        pathOf: (name) => join(folder, name),
        async write(name, content) {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          const { partial, hash } = await writePartial(folder, name, content);
          try {
            await whileLocked(folder, times, async () => {
              await rename(partial, join(folder, name));
              for (const [noted, its] of await readSums(folder)) sums.set(noted, its);
              sums.set(name, hash);
              await writeSums(folder, sumsText(sums));
            });
          } catch (error) {
            await rm(partial, { force: true }).catch(() => {});
            throw error;
          }
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

/** Of the copies that are noted in a folder. */
async function readSums(folder: string): Promise<Map<string, string>> {
  return parseSums(await readFile(join(folder, sumsFile), "utf8").catch(noneThere("")));
}

/**
 * Does something to a folder that one at a time may do, on whatever machine. Where a lock was left by somebody who is slow and not
 * dead, two do it at once: a line may be lost then, and the next copy finds that.
 */
async function whileLocked(folder: string, times: LockTimes, work: () => Promise<void>): Promise<void> {
  const lock = join(folder, lockFile);
  let seen = { which: "", since: 0 };
  while (!(await takeLock(lock))) {
    const which = await stat(lock).then(({ ino, mtimeMs }) => `${ino} ${mtimeMs}`, noneThere(""));
    const now = performance.now();
    if (which !== seen.which) seen = { which, since: now };
    else if (which !== "" && now - seen.since > times.leftAfter) await rm(lock, { force: true });
    await wait(times.lookEvery);
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true }).catch(() => {});
  }
}

/** @returns whether it is ours now; false while another one has it */
function takeLock(lock: string): Promise<boolean> {
  return writeFile(lock, "", { flag: "wx", mode: 0o600 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
}

/** Writes what is to get a name: its file until then, and the hash. */
async function writePartial(
  folder: string,
  name: string,
  content: AsyncIterable<Uint8Array>,
): Promise<{ partial: string; hash: string }> {
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
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  }
  return { partial, hash: hash.digest("hex") };
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
