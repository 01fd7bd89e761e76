import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const mantine = resolve(root, "node_modules/@mantine/core");
/** Loaded by the only component that needs it. */
const elsewhere = ["Notification"];
/** Parts of Checkbox and Radio that nobody mounts: cards around them. */
const unused = ["CheckboxCard", "RadioCard"];

const read = (path: string) => readFileSync(path, "utf8");

/** Where each export of Mantine's comes from. */
function modulesByExport(): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, names, from] of read(`${mantine}/esm/index.mjs`).matchAll(
    /import \{([^}]+)\} from "(\.[^"]+)"/g,
  )) {
    for (const name of names?.split(",") ?? []) {
      const exported = name.split(" as ").at(-1)?.trim();
      if (exported && from) found.set(exported, resolve(`${mantine}/esm`, from));
    }
  }
  return found;
}

/** The style sheets of a module of Mantine's and of all that it is made of. */
function sheetsOf(module: string, known: Map<string, Set<string>>): Set<string> {
  const before = known.get(module);
  if (before) return before;
  const sheets = new Set<string>();
  known.set(module, sheets);
  for (const [, from] of read(module).matchAll(/(?:import|from) "(\.[^"]+)"/g)) {
    const path = resolve(dirname(module), from ?? "");
    const sheet = /([A-Za-z]+)\.module\.mjs$/.exec(path)?.[1];
    if (sheet) sheets.add(sheet);
    else if (existsSync(path)) for (const each of sheetsOf(path, known)) sheets.add(each);
  }
  return sheets;
}

test("the list of Mantine's styles is what the components that are used need", () => {
  const modules = modulesByExport();
  const known = new Map<string, Set<string>>();
  const needed = new Set<string>();
  for (const file of globSync(["app/**/*.{ts,tsx}", "components/**/*.{ts,tsx}"], { cwd: root })) {
    for (const [, names] of read(resolve(root, file)).matchAll(
      /import \{([^}]+)\} from "@mantine\/(?:core|notifications)"/g,
    )) {
      for (const name of names?.split(",").map((each) => each.trim()) ?? []) {
        const module = modules.get(name);
        if (module) for (const sheet of sheetsOf(module, known)) needed.add(sheet);
      }
    }
  }
  expect(needed.size).toBeGreaterThan(20);
  const listed = [...read(resolve(root, "app/mantine-styles.ts")).matchAll(/styles\/([A-Z]\w+)\.css/g)].map(
    ([, name]) => name,
  );
  const wanted = [...needed].filter((each) => ![...elsewhere, ...unused].includes(each));
  expect(listed.toSorted()).toEqual(wanted.toSorted());
});

test("it has them in Mantine's own order: what builds on another comes after it", () => {
  const all = read(`${mantine}/styles.css`);
  const places = [...read(resolve(root, "app/mantine-styles.ts")).matchAll(/styles\/([\w-]+\.css)/g)].map(
    ([, file]) => ({ file, at: all.indexOf(read(`${mantine}/styles/${file}`).trim().slice(0, 60)) }),
  );
  expect(places.filter(({ at }) => at < 0)).toEqual([]);
  expect(places.map(({ file }) => file)).toEqual(
    places.toSorted((a, b) => a.at - b.at).map(({ file }) => file),
  );
});
