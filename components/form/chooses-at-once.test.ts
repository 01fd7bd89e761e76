import { expect, test } from "vitest";
import { choosesAtOnce } from "./chooses-at-once.ts";

const after = (key: string, altKey = false) => choosesAtOnce({ key, altKey }, false);

test("arrows and letters look at what a closed select has, and choose nothing", () => {
  for (const key of ["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "l", "Tab"])
    expect(after(key)).toBe(false);
});

test("a pointer chooses, and so does the open list", () => {
  expect(choosesAtOnce(null, false)).toBe(true);
  expect(after("Enter")).toBe(true);
  expect(after(" ")).toBe(true);
  expect(after("ArrowDown", true)).toBe(true);
  expect(choosesAtOnce({ key: "ArrowDown", altKey: false }, true)).toBe(true);
});
