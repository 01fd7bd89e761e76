import { expect, test } from "vitest";
import type { RunProgress } from "#lib/runs/schema";
import { doneWords, progressRows } from "./type-words.ts";

type TypeProgress = RunProgress["types"][string];

function wordsOf(type: Partial<TypeProgress>): string {
  const [row] = progressRows({
    types: {
      conditionalAccessPolicy: { kind: "policy", expected: 0, captured: 0, failed: 0, done: false, ...type },
    },
  });
  return row ? doneWords(row) : "";
}

test("a type of a run that goes on says how far it is, and what came of it once it is done", () => {
  expect(wordsOf({})).toBe("Waiting");
  expect(wordsOf({ expected: 5, captured: 2, failed: 1 })).toBe("3 of 5");
  expect(wordsOf({ done: true, listed: true })).toBe("None in this tenant");
  expect(wordsOf({ expected: 5, captured: 5, done: true, listed: true })).toBe("All 5");
  expect(wordsOf({ expected: 5, captured: 4, failed: 1, done: true, listed: true })).toBe("4 of 5");
  expect(wordsOf({ done: true, listed: false })).toBe("Could not be listed");
  expect(wordsOf({ expected: 5, captured: 5, done: true, listed: false })).toBe("5 of at least 5");
});
