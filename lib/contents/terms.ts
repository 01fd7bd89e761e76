import { guidPattern } from "#lib/guid";
import { textsOf } from "./texts.ts";

/**
 * The terms of the index. A text is found by any part of it in any letter case. That is decided by reading the policy; the
 * index only says which policies are worth reading, and must never leave one out: a run of letters and digits in what is
 * looked for is, in a policy that holds it, part of a run of letters and digits, and each of those is within a term.
 */

/**
 * Which rules make the terms of a policy. Where they change what can be found, this goes up: what others have made of a snapshot
 * is not asked any more, and made again.
 */
export const termRules = 3;

/** A run that is longer is several terms: each begins half of this after the one before. */
const longestTerm = 64;

const word = String.raw`[\p{L}\p{N}\p{M}]`;
// A GUID is one term instead of five, if nothing follows that would belong to its last run.
const termPattern = new RegExp(`${guidPattern}(?!${word})|${word}+`, "gu");
const piecePattern = new RegExp(`${word}+`, "gu");

/** A text in the letter case that is compared. */
export function fold(text: string): string {
  // The one letter whose lower case depends on what follows.
  return text.normalize("NFC").toLowerCase().replaceAll("ς", "σ");
}

/** The terms of a policy. */
export function termsOf(document: unknown): Set<string> {
  const terms = new Set<string>();
  for (const { text } of textsOf(document)) for (const term of termsIn(fold(text))) terms.add(term);
  return terms;
}

/** The terms of a folded text: of a text that is a value as a whole, all of them are among those of its policy. */
export function termsIn(folded: string): string[] {
  return (folded.match(termPattern) ?? []).flatMap((term) =>
    term.length <= longestTerm ? [term] : windowsOf(term),
  );
}

/** The runs in what is looked for: each is part of a term of every policy that holds it. */
export function piecesOf(folded: string): string[] {
  return (folded.match(piecePattern) ?? []).map((piece) =>
    piece.length <= longestTerm / 2
      ? piece
      : Array.from(piece)
          .slice(0, longestTerm / 2)
          .join(""),
  );
}

function windowsOf(term: string): string[] {
  const letters = Array.from(term);
  const windows: string[] = [];
  for (let at = 0; at === 0 || at + longestTerm / 2 < letters.length; at += longestTerm / 2)
    windows.push(letters.slice(at, at + longestTerm).join(""));
  return windows;
}
