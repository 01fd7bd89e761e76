import { expect, test } from "vitest";
import { lineHunks } from "./line-hunks.ts";

test("texts are cut into equal and differing stretches that keep every line and its number", () => {
  const hunks = lineHunks("a\nb\nc\nd", "a\nB\nB2\nc\nd\ne");
  expect(hunks).toEqual([
    { kind: "same", left: ["a"], right: ["a"], leftStart: 1, rightStart: 1 },
    { kind: "changed", left: ["b"], right: ["B", "B2"], leftStart: 2, rightStart: 2 },
    { kind: "same", left: ["c", "d"], right: ["c", "d"], leftStart: 3, rightStart: 4 },
    { kind: "changed", left: [], right: ["e"], leftStart: 5, rightStart: 6 },
  ]);
});

test("the ends of lines, of Windows or not, are no difference", () => {
  expect(lineHunks("a\r\nb", "a\nb")?.map(({ kind }) => kind)).toEqual(["same"]);
});
