import type { Needle } from "./find-matches.ts";
import { holdersOfPart, holdersOfTerm, keysIn, type Segment } from "./segment.ts";
import { piecesOf, termsIn } from "./terms.ts";

/**
 * What the index leaves of the snapshots that it has: who holds the text, or one of the ids that are called so, is never
 * among the `skipped`.
 * @returns the keys of those that cannot hold it, in hex
 */
export function candidatesIn(
  segments: readonly Segment[],
  { text, named }: Pick<Needle, "text" | "named">,
): { skipped: string[] } {
  const pieces = [...new Set(piecesOf(text))];
  const ids = rarestFirst([...named.keys()].map((id) => termsIn(id)));
  const skipped = segments.flatMap((segment) => {
    const marks = pieces.map((piece) => holdersOfPart(segment, piece));
    const alsoHold = holdersOfAny(segment, ids);
    return keysIn(segment.keys).filter(
      (_, place) => !alsoHold.has(place) && !marks.every((holders) => holders[place] === 1),
    );
  });
  return { skipped };
}

/** The terms of each id, those first that few ids have: of an id that nobody has, the first one mostly tells it. */
function rarestFirst(ids: readonly string[][]): string[][] {
  const counts = new Map<string, number>();
  for (const term of ids.flat()) counts.set(term, (counts.get(term) ?? 0) + 1);
  return ids.map((terms) => terms.toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0)));
}

/** The places of the snapshots that have all the terms of one of some ids, of which there may be many thousands. */
function holdersOfAny(segment: Segment, ids: readonly (readonly string[])[]): ReadonlySet<number> {
  // Ids share most of their terms.
  const known = new Map<string, ReadonlySet<number>>();
  const holdersOf = (term: string) => {
    const holders = known.get(term) ?? new Set(holdersOfTerm(segment, term));
    known.set(term, holders);
    return holders;
  };
  const any = new Set<number>();
  for (const [first, ...others] of ids) {
    if (first === undefined) continue;
    for (const place of holdersOf(first))
      if (others.every((term) => holdersOf(term).has(place))) any.add(place);
  }
  return any;
}
