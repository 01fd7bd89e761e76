import { globSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { checkComponentLayers, componentLayerFault } from "./component-layers.ts";

test("imports go one way through the folders of components", () => {
  expect(() => checkComponentLayers()).not.toThrow();
});

test("every folder of components has its place", () => {
  const folders = new Set(globSync("components/**/*.{ts,tsx}").map((file) => dirname(file).slice(11)));
  expect(folders.size).toBeGreaterThan(15);
  const [bottom = ""] = folders;
  const homeless = [...folders].filter((folder) =>
    [componentLayerFault(folder, bottom), componentLayerFault(bottom, folder)].some((fault) =>
      fault?.includes("has no place"),
    ),
  );
  expect(homeless).toEqual([]);
});

test.each([
  ["runs", "compare", null],
  ["shell", "time", null],
  ["ui", "ui", null],
  ["ui", "feedback", /stands below/],
  ["schedules", "backup-sets", /beside each other/],
  ["somewhere", "ui", /has no place/],
])("components/%s may import components/%s: %s", (from, to, fault) => {
  if (fault === null) expect(componentLayerFault(from, to)).toBeNull();
  else expect(componentLayerFault(from, to)).toMatch(fault);
});
