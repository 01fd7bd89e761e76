import { access, readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";

interface Row {
  item: string;
  done: string;
  shown: string;
}

let rows: Row[];

beforeAll(async () => {
  const page = await readFile("docs/asvs.md", "utf8");
  rows = [...page.matchAll(/^\| (V\d+\.\d+\.\d+) \| (.+) \| (.+) \|$/gm)].map(
    ([, item = "", done = "", shown = ""]) => ({ item, done, shown }),
  );
});

test("docs/asvs.md has a row for each item, in the standard's order", () => {
  expect(rows.length).toBeGreaterThan(150);
  const places = rows.map(({ item }) =>
    item
      .slice(1)
      .split(".")
      .reduce((place, part) => place * 100 + Number(part), 0),
  );
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
});

test("docs/asvs.md shows each item by a file, or says that it is not met or the operator's", () => {
  const bare = rows.filter(({ done, shown }) => shown === "–" && !/^\*\*(Not met|Operator)\*\*/.test(done));
  expect(bare.map(({ item }) => item)).toEqual([]);
  const wordless = rows.filter(({ shown }) => shown !== "–" && !/^`[^`]+`( "[^"]+")?$/.test(shown));
  expect(wordless.map(({ item, shown }) => `${item}: ${shown}`)).toEqual([]);
});

test("every file and test that docs/asvs.md names is there", async () => {
  const missing: string[] = [];
  for (const { item, shown } of rows) {
    const [, path, name] = /^`([^`]+)`(?: "([^"]+)")?$/.exec(shown) ?? [];
    if (path === undefined) continue;
    if (
      !(await access(path).then(
        () => true,
        () => false,
      ))
    )
      missing.push(`${item}: there is no ${path}`);
    else if (name !== undefined && !(await readFile(path, "utf8")).includes(`"${name}"`))
      missing.push(`${item}: ${path} has no "${name}"`);
    else if (name === undefined && /\.(test|spec)\.tsx?$/.test(path))
      missing.push(`${item}: which test of ${path}?`);
  }
  expect(missing).toEqual([]);
});
