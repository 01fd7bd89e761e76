import { expect, test } from "vitest";
import { unstorablePath } from "./storable-text.ts";

test("what cannot be stored is found where it is, the first of several, and what can be passes", () => {
  expect(unstorablePath({ a: [{ b: "good" }, { b: "\0" }], c: "\ud800" })).toBe("a.1.b");
  expect(unstorablePath({ a: { "\0": 1 } })).toBe("a");
  expect(unstorablePath("\0")).toBe("");
  for (const fine of [null, 1, "🏳️‍🌈", new Date(), { a: ["b", { c: "d" }] }])
    expect(unstorablePath(fine)).toBeNull();
});

test("neither what is deeper than the stack nor what is a part of itself is too much", () => {
  const deep = (end: unknown) => {
    let value = end;
    for (let depth = 0; depth < 20_000; depth += 1) value = [value];
    return value;
  };
  expect(unstorablePath(deep("good"))).toBeNull();
  expect(unstorablePath({ deep: deep("\0") })).toMatch(/^deep(\.0){20000}$/);
  const itself: Record<string, unknown> = {};
  Object.assign(itself, { itself, others: [itself, "\0"] });
  expect(unstorablePath(itself)).toBe("others.1");
});
