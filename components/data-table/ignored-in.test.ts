import { expect, test } from "vitest";
import { z } from "zod";
import { ignoredIn } from "./ignored-in.ts";

const known = {
  status: z.enum(["failed", "success"]),
  page: z.coerce.number().int().min(1),
  search: z.string(),
};

test("names and values that a page does not know are found, and nothing else", () => {
  expect(ignoredIn({ status: "failed", page: "2", search: "x" }, known)).toEqual([]);
  expect(ignoredIn({ status: "bogus", page: "0", last_run: "failed", constructor: "x" }, known)).toEqual([
    "status=bogus",
    "page=0",
    "last_run=failed",
    "constructor=x",
  ]);
});

test("what is empty asks for nothing; of a repeated name the first counts, as for the page", () => {
  expect(ignoredIn({ status: "", page: undefined }, known)).toEqual([]);
  expect(ignoredIn({ status: ["failed", "bogus"] }, known)).toEqual([]);
});

test("what is long is shortened", () => {
  const [shown] = ignoredIn({ other: "y".repeat(500) }, known);
  expect(shown).toHaveLength(60);
});
