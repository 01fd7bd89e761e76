import { createHash } from "node:crypto";
import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A SHA-256 over names and contents of files of the repository, the same on every machine: what was made from these
 * files has to be made again when it changes. Tests do not count.
 * @param patterns globs below the repository; what matches `exclude` is left out
 */
export async function hashOfSources(patterns: string[], exclude: string[] = []): Promise<string> {
  const files: string[] = [];
  for await (const file of glob(patterns, { cwd: root, exclude: ["**/*.test.*", ...exclude] }))
    files.push(file);
  return hashOfFiles(files);
}

/**
 * The same over files that are known by name; folders do not count.
 * @param files their paths below the repository, in any order
 * @throws Error of the file system (ENOENT) when one of them is not there
 */
export async function hashOfFiles(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [...files].sort()) {
    const content = await readFile(`${root}/${file}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EISDIR") return undefined;
      throw error;
    });
    if (content) hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
