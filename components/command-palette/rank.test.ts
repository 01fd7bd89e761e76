import { expect, test } from "vitest";
import { ranked } from "./rank.ts";

const pages = ["Overview", "Backup schedules", "Runs", "Backup sets", "Members", "API tokens"];
const found = (search: string) => ranked(pages, search, (page) => [page]);

test("an empty search keeps all, in their order", () => {
  expect(found("  ")).toEqual(pages);
});

test("the start of the name goes before the start of a word, and that before the middle", () => {
  expect(ranked(["Nightly runs", "Prune", "Runs"], "run", (name) => [name])).toEqual([
    "Runs",
    "Nightly runs",
    "Prune",
  ]);
});

test("every word must be there, in any order and case", () => {
  expect(found("SETS backup")).toEqual(["Backup sets"]);
  expect(found("backup x")).toEqual([]);
});

test("an entry is found under any of its names", () => {
  expect(ranked(["theme"], "dark", () => ["Switch theme", "Dark mode"])).toEqual(["theme"]);
});

test("what a regular expression would choke on is text", () => {
  expect(ranked(["C++ (beta)"], "c++ (", (name) => [name])).toEqual(["C++ (beta)"]);
});
