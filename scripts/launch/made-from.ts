import { readFile, writeFile } from "node:fs/promises";

/** Whether the stamp file says that its neighbors were made from sources with this hash. */
export async function isMadeFrom(stampFile: string, hash: string): Promise<boolean> {
  return (await readFile(stampFile, "utf8").catch(() => "")) === hash;
}

/** Leaves the hash of the sources beside what was made from them. */
export function stamp(stampFile: string, hash: string): Promise<void> {
  return writeFile(stampFile, hash);
}
