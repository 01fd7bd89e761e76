import { expect, test } from "vitest";
import { agreeWhereBothTell } from "./agreement.ts";

test.each([
  ["a property that is new", { a: 1 }, { a: 1, b: 2 }],
  ["a property that is gone", { a: 1, b: 2 }, { a: 1 }],
  ["new properties at any depth", { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 1, d: 2 }] } }],
  [
    "lists in another order, paired by id",
    {
      list: [
        { id: "x", v: 1 },
        { id: "y", v: 2 },
      ],
    },
    {
      list: [
        { id: "y", v: 2, w: 0 },
        { id: "x", v: 1, w: 0 },
      ],
    },
  ],
  [
    "lists without ids in another order",
    { list: [{ target: { groupId: "1" } }, { target: { groupId: "2" } }] },
    { list: [{ target: { groupId: "2", filter: null } }, { target: { groupId: "1", filter: "f" } }] },
  ],
])("agree: %s", (_what, earlier, later) => {
  expect(agreeWhereBothTell(earlier, later)).toBe(true);
});

test.each([
  ["another value", { a: 1, b: 2 }, { a: 2, c: 3 }],
  ["another value below", { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }],
  ["an entry more", { a: [1] }, { a: [1, 2] }],
  ["plain values in another order", { a: [1, 2] }, { a: [2, 1] }],
  ["two that fit only one", { a: [{ v: 1 }, { v: 1 }] }, { a: [{ v: 1 }, { v: 2 }] }],
  ["null and a value", { a: null }, { a: 0 }],
  ["a list and an object", { a: [] }, { a: {} }],
  ["a document that is damaged", undefined, { a: 1 }],
  ["two that are damaged", undefined, undefined],
])("disagree: %s", (_what, earlier, later) => {
  expect(agreeWhereBothTell(earlier, later)).toBe(false);
});
