import { expect, test } from "vitest";
import { checkLayers, layerFault } from "./layers.ts";

test("imports go one way through the folders of lib", () => {
  expect(() => checkLayers()).not.toThrow();
});

test.each([
  ["schedules", "runs", null],
  ["sets", "access", null],
  ["access", "audit", null],
  ["runs", "schedules", /stands below/],
  ["compare", "retention", /beside each other/],
  ["graph", "db", /nothing of ours/],
  ["somewhere", "db", /has no place/],
])("lib/%s may import lib/%s: %s", (from, to, fault) => {
  if (fault === null) expect(layerFault(from, to)).toBeNull();
  else expect(layerFault(from, to)).toMatch(fault);
});
