import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

interface LockEntry {
  optionalDependencies?: Record<string, string>;
}

/** Where Node would look for a package that `path` depends on, nearest first. */
function places(path: string, name: string): string[] {
  const parents = path
    .split("/node_modules/")
    .map((_, index, parts) => parts.slice(0, index + 1).join("/node_modules/"));
  return [...parents.reverse().map((parent) => `${parent}/node_modules/${name}`), `node_modules/${name}`];
}

// npm drops the packages of other platforms when it writes the file on a machine whose registry or node_modules lacks
// them; `npm ci` then fails, or a Mac gets no compiler. See npm/cli issue 4828.
it("package-lock.json names the packages of every platform", async () => {
  const { packages } = JSON.parse(await readFile("package-lock.json", "utf8")) as {
    packages: Record<string, LockEntry>;
  };
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !places(path, name).some((place) => place in packages))
      .map((name) => `${name}, wanted by ${path}`),
  );
  expect(missing).toEqual([]);
});
