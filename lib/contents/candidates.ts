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
  const ids = [...named.keys()].map((id) => termsIn(id));
  const skipped = segments.flatMap((segment) => {
    const marks = pieces.map((piece) => holdersOfPart(segment, piece));
    const alsoHold = new Set(ids.flatMap((terms) => holdersOfAll(segment, terms)));
    return keysIn(segment.keys).filter(
      (_, place) => !alsoHold.has(place) && !marks.every((holders) => holders[place] === 1),
    );
  });
  return { skipped };
}

/** The places of the snapshots that have all of these terms. */
function holdersOfAll(segment: Segment, terms: readonly string[]): number[] {
  let holders: number[] | null = null;
  for (const term of terms) {
    const these: Set<number> = new Set(holdersOfTerm(segment, term));
    holders = holders === null ? [...these] : holders.filter((place) => these.has(place));
    if (holders.length === 0) return [];
  }
  return holders ?? [];
}
