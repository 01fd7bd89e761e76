import type { WordRow, WordSection } from "./schema.ts";

/** Stands before the number of a repeated key; no id or name that keys are made of has it. */
const numbered = "\u001f";

/**
 * The same rows, each with a key of its own: of several that are told apart by nothing but their order, such as mails with one template on
 * several days, those behind the first get a number.
 */
export function withUniqueKeys(sections: readonly WordSection[]): WordSection[] {
  const taken = new Map<string, number>();
  const apart = (row: WordRow): WordRow => {
    const times = (taken.get(row.key) ?? 0) + 1;
    taken.set(row.key, times);
    const key = times === 1 ? row.key : `${row.key}${numbered}${times}`;
    return { ...row, key, children: row.children.map(apart) };
  };
  return sections.map((section) => ({ ...section, rows: section.rows.map(apart) }));
}

/** What rows that are told apart by their order alone have in common. */
export function commonKey({ key }: Pick<WordRow, "key">): string {
  const at = key.lastIndexOf(numbered);
  return at === -1 ? key : key.slice(0, at);
}
