import type { WordValue } from "./schema.ts";

/** Letters that a clipped value shows before where it begins to differ. */
const lead = 20;

/**
 * What became of a setting, in one line: of values that are too long for it, the part that differs.
 * @param most letters of each value
 */
export function changeInLine(before: WordValue | null, after: WordValue | null, most: number): string {
  const sides = [before, after].map((value) => Array.from(textOf(value)));
  const [left = [], right = []] = sides;
  const differs = left.findIndex((letter, at) => letter !== right[at]);
  // One that begins as the other is differs where it ends.
  const at = differs === -1 ? left.length : differs;
  const from = at < most - 1 ? 0 : at - lead;
  return sides.map((letters) => clipped(letters, from, most)).join(" → ");
}

function clipped(letters: readonly string[], from: number, most: number): string {
  if (letters.length <= most) return letters.join("");
  const [head, tail] = [from > 0 ? "…" : "", letters.length > from + most - 1 ? "…" : ""];
  return `${head}${letters.slice(from, from + most - head.length - tail.length).join("")}${tail}`;
}

function textOf(value: WordValue | null): string {
  return value === null ? "Not configured" : said(value).replaceAll(/\s+/g, " ").trim();
}

function said(value: WordValue): string {
  switch (value.kind) {
    case "text":
    case "code":
      return value.text;
    case "list":
      return value.items.join(", ");
    case "secret":
      return "Secret, not readable";
    case "none":
      return "Configured";
  }
}
