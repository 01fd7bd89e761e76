import { changeInLine } from "#lib/words/change-in-line";
import type { WordChange } from "#lib/words/differences";

/** Policies that a message tells of, and settings of each: who wants to know more opens the page. */
export const policiesMost = 10;
const settingsMost = 5;
/** Characters of a value. */
const valueMost = 80;

/** What differs in a policy as lines of a message: a line a setting, and how many more there are. */
export function linesInWords(words: readonly WordChange[]): { lines: string[]; more: number } {
  const lines = words
    .slice(0, settingsMost)
    .map(
      ({ category, name, before, after }) =>
        `${[...category, name].join(" › ")}: ${changeInLine(before, after, valueMost)}`,
    );
  return { lines, more: words.length - lines.length };
}
