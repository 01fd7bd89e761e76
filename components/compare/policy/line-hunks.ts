import { diffArrays } from "diff";

/** A stretch of two texts: the same lines on both sides, or lines that differ. */
export interface Hunk {
  kind: "same" | "changed";
  left: string[];
  right: string[];
  /** The number of each side's first line here, from 1. */
  leftStart: number;
  rightStart: number;
}

/** Longest time in milliseconds to look for the smallest difference; texts that need longer have little in common. */
const patience = 2_000;

/** Two texts cut into stretches of equal and of differing lines; null when they have too little in common. */
export function lineHunks(left: string, right: string): Hunk[] | null {
  const parts = diffArrays(left.split(/\r?\n/), right.split(/\r?\n/), { timeout: patience });
  if (!parts) return null;
  const hunks: Hunk[] = [];
  let [leftLine, rightLine] = [1, 1];
  for (const { added, removed, value } of parts) {
    const kind = added || removed ? "changed" : "same";
    let hunk = hunks.at(-1);
    if (hunk?.kind !== kind) {
      hunk = { kind, left: [], right: [], leftStart: leftLine, rightStart: rightLine };
      hunks.push(hunk);
    }
    if (!added) {
      hunk.left.push(...value);
      leftLine += value.length;
    }
    if (!removed) {
      hunk.right.push(...value);
      rightLine += value.length;
    }
  }
  return hunks;
}
