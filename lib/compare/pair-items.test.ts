import fc from "fast-check";
import { expect, test } from "vitest";
import { pairUp } from "./pair-items.ts";

/** A policy that says one of few things, stored as one of two documents each: so equal hashes and equal contents differ. */
const item = fc.record({ says: fc.nat(3), form: fc.nat(1), graph_id: fc.uuid() });
type Item = { says: number; form: number; graph_id: string };
const stored = ({ says, form, graph_id }: Item) => ({ sha256: `${says} ${form}`, says, graph_id });
const contents = new Map(
  [0, 1, 2, 3].flatMap((says) => [0, 1].map((form) => [`${says} ${form}`, `says ${says}`] as const)),
);
const says = { left: contents, right: contents };

function countOf<T>(list: readonly T[], key: (each: T) => unknown): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const each of list) counts.set(key(each), (counts.get(key(each)) ?? 0) + 1);
  return counts;
}

test("every policy is in one pair, and as few as possible are changed, added or removed", () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 8 }), fc.array(item, { maxLength: 8 }), (a, b) => {
      const [lefts, rights] = [a.map(stored), b.map(stored)];
      const pairs = pairUp(lefts, rights, says);
      expect(pairs.flatMap(({ left }) => left ?? [])).toEqual(lefts);
      expect(new Set(pairs.flatMap(({ right }) => right ?? []))).toEqual(new Set(rights));
      expect(pairs).toHaveLength(Math.max(lefts.length, rights.length));

      const unchanged = pairs.filter(({ left, right }) => left && right && left.says === right.says).length;
      const identical = pairs.filter(({ left, right }) => left && left.sha256 === right?.sha256).length;
      const inBoth = (key: (each: ReturnType<typeof stored>) => unknown) => {
        const there = countOf(rights, key);
        return [...countOf(lefts, key)].reduce(
          (sum, [each, n]) => sum + Math.min(n, there.get(each) ?? 0),
          0,
        );
      };
      expect(unchanged).toBe(inBoth((each) => each.says));
      expect(identical).toBe(inBoth((each) => each.sha256));
    }),
  );
});

test("does not depend on the order in which either tenant numbers them", () => {
  const changes = (pairs: ReturnType<typeof pairUp<ReturnType<typeof stored>>>) =>
    pairs
      .map(({ left, right }) =>
        left && right ? (left.says === right.says ? "unchanged" : "changed") : "alone",
      )
      .sort();
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 6 }),
      fc
        .array(item, { maxLength: 6 })
        .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      (a, [b, shuffled]) => {
        const lefts = a.map(stored);
        expect(changes(pairUp(lefts, b.map(stored), says))).toEqual(
          changes(pairUp(lefts, shuffled.map(stored), says)),
        );
      },
    ),
  );
});
