import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { importsOf } from "../scripts/checks/imports.ts";

/** A file of ours with all that it imports of ours, as paths below the root. */
function closureOf(file: string): string[] {
  const found = new Set([file]);
  for (const each of found) {
    // A folder of a route has brackets, which a glob takes for a choice of letters.
    for (const { target } of importsOf(each.replaceAll(/[[\]]/g, "?"))) {
      const path = ["", ".ts", ".tsx"].map((ending) => target + ending).find((one) => existsSync(one));
      if (path && /\.tsx?$/.test(path)) found.add(path);
    }
  }
  return [...found];
}

const source = (path: string) => readFileSync(path, "utf8");
const notFound = globSync("app/**/not-found.tsx");
const errors = globSync("app/**/{error,global-error}.tsx");

// Next.js sends what stands for an address that is not there, and for an error, with every page, in case: the scripts of
// a component in it are loaded by everybody who opens any page. Those of a button of Mantine's were a twentieth of all.
test("what stands for an address that is not there has no scripts", () => {
  expect(notFound).toContain("app/not-found.tsx");
  const inTenants = notFound.filter((file) => !/\[token\]/.test(file));
  expect(inTenants).toHaveLength(2);
  const scripted = inTenants.flatMap(closureOf).filter((path) => /^"use client"/m.test(source(path)));
  expect(scripted).toEqual([]);
});

test("what stands for an error has none of Mantine's", () => {
  expect(errors.length).toBeGreaterThan(4);
  const heavy = errors.flatMap(closureOf).filter((path) => /from "@mantine\//.test(source(path)));
  expect(heavy).toEqual([]);
});
