import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { leftOut } from "./tables.ts";

test("the documentation names every table that a backup leaves out, and no other", () => {
  const text = readFileSync(new URL("../../docs/backup.md", import.meta.url), "utf8");
  const [, after = ""] = text.split("\n| table | why not |\n|---|---|\n");
  const [rows = ""] = after.split("\n\n");
  const named = rows.split("\n").flatMap((row) => {
    const [, first = ""] = row.split("|");
    return [...first.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name);
  });
  // The queue is no table of the schema.
  expect(named.filter((name) => name !== "pgboss").sort()).toEqual(Object.keys(leftOut).sort());
});
