import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

interface LockEntry {
  optionalDependencies?: Record<string, string>;
  integrity?: string;
  resolved?: string;
  /** A folder of this repository. */
  link?: true;
  /** It comes inside the archive of another package. */
  inBundle?: true;
}

async function locked(): Promise<Record<string, LockEntry>> {
  return JSON.parse(await readFile("package-lock.json", "utf8")).packages;
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
  const packages = await locked();
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !places(path, name).some((place) => place in packages))
      .map((name) => `${name}, wanted by ${path}`),
  );
  expect(missing).toEqual([]);
});

// Without a hash, npm installs whatever the registry sends under that name and version. npm writes none for a package of
// another platform that it did not fetch; remove such entries and run `npm install --package-lock-only` to get them.
it("package-lock.json holds a hash of everything that comes from a registry", async () => {
  const entries = Object.entries(await locked()).filter(
    ([path, { link, inBundle }]) => path !== "" && !link && !inBundle,
  );
  expect(entries.length).toBeGreaterThan(500);
  expect(
    entries
      .filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""))
      .map(([path]) => path),
  ).toEqual([]);
});

it("package-lock.json names no address to download from", async () => {
  const addressed = Object.entries(await locked()).filter(([, { resolved, link }]) => resolved && !link);
  expect(addressed.map(([path, { resolved }]) => `${path} from ${resolved}`)).toEqual([]);
});

it("package.json names exact versions, so that nothing newer is installed unseen", async () => {
  const { dependencies, devDependencies } = JSON.parse(await readFile("package.json", "utf8")) as Record<
    "dependencies" | "devDependencies",
    Record<string, string>
  >;
  const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version),
  );
  expect(ranges).toEqual([]);
});
