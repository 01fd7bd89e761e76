import { expect, test } from "vitest";
import { readFirst } from "./read-first.ts";

/** A list of numbers, three a page. */
function list(length: number) {
  const asked: string[] = [];
  const read = async (cursor: string) => {
    asked.push(cursor);
    const from = Number(cursor);
    const data = Array.from({ length: Math.min(3, length - from) }, (_, at) => from + at);
    return { ok: true as const, data, next: from + 3 < length ? String(from + 3) : null };
  };
  return { asked, read };
}

test("a list is read to its end", async () => {
  const { read } = list(7);
  expect(await readFirst(read, 100)).toEqual({ ok: true, items: [0, 1, 2, 3, 4, 5, 6], hasMore: false });
});

test.each([
  [4, 9, true, 2],
  [6, 6, false, 2],
  [6, 7, true, 2],
  [8, 8, false, 3],
])("no more is read of it than the first %i of %i", async (most, length, hasMore, pages) => {
  const { asked, read } = list(length);
  expect(await readFirst(read, most)).toEqual({
    ok: true,
    items: Array.from({ length: most }, (_, at) => at),
    hasMore,
  });
  expect(asked).toHaveLength(pages);
});

test("a page that does not come is told", async () => {
  const failed = { ok: false as const, message: "The service did not answer." };
  expect(await readFirst(async () => failed, 10)).toEqual(failed);
});
