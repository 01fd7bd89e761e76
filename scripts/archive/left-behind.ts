import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Into a file that is under way something is written all the time; what nothing was written to for so long was left behind. */
const leftAfterMs = 24 * 3_600_000;

/**
 * Removes what was left half written in a folder by who was killed. Others may be at work, on other machines as well, where a
 * process id says nothing: what they write is young.
 * @param partialName fits what is half written, and nothing else that people may keep there
 */
export async function removeLeft(folder: string, partialName: RegExp): Promise<void> {
  // A folder that is not there, or cannot be read, is told of by who writes into it.
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (!partialName.test(name)) continue;
    const path = join(folder, name);
    const found = await lstat(path).catch(() => null);
    if (!found?.isFile() || found.mtimeMs > Date.now() - leftAfterMs) continue;
    // One that cannot be removed is in nobody's way.
    await rm(path, { force: true }).catch(() => {});
  }
}
