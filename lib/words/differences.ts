import type { PolicyWords, WordRow, WordValue } from "./schema.ts";

/** One setting that differs between two policies. */
export interface WordChange {
  key: string;
  /** The title of the section that it stands in. */
  section: string;
  /** From the outermost: the names of what it stands below. */
  category: string[];
  /** In the newer document; in the older one where it was removed. */
  path: (string | number)[];
  name: string;
  kind: "added" | "removed" | "changed";
  before: WordValue | null;
  after: WordValue | null;
}

/** A row with what it stands below. */
interface PlacedRow {
  row: WordRow;
  section: string;
  category: string[];
}

/**
 * What differs between two policies in words, in the order of the newer one; what was removed stands at the end of its
 * section. A row that came or went with others below it is told once for each that has a value.
 * @param before the older one; null: everything is new
 * @param after the newer one; null: everything went
 */
export function wordDifferences(before: PolicyWords | null, after: PolicyWords | null): WordChange[] {
  const older = placed(before);
  const newer = placed(after);
  const sections = [
    ...new Set([...(after?.sections ?? []), ...(before?.sections ?? [])].map(({ title }) => title)),
  ];
  return sections.flatMap((section) => [
    ...[...newer].flatMap(([key, there]) =>
      there.section === section ? changesOf(key, older.get(key) ?? null, there) : [],
    ),
    ...[...older].flatMap(([key, there]) =>
      there.section === section && !newer.has(key) ? changesOf(key, there, null) : [],
    ),
  ]);
}

function changesOf(key: string, before: PlacedRow | null, after: PlacedRow | null): WordChange[] {
  const shown = after ?? before;
  if (!shown) return [];
  const values = { before: before?.row.value ?? null, after: after?.row.value ?? null };
  if (before && after && isSame(before.row.value, after.row.value)) return [];
  // A heading says nothing by itself, unless nothing below it does.
  if ((values.before ?? values.after)?.kind === "none" && shown.row.children.length > 0 && !(before && after))
    return [];
  return [
    {
      key,
      section: shown.section,
      category: shown.category,
      path: shown.row.path,
      name: shown.row.name,
      kind: before ? (after ? "changed" : "removed") : "added",
      ...values,
    },
  ];
}

function isSame(a: WordValue, b: WordValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Every row of a policy by its key, those below others too. */
function placed(words: PolicyWords | null): Map<string, PlacedRow> {
  const all = new Map<string, PlacedRow>();
  const add = (rows: readonly WordRow[], section: string, above: string[]) => {
    for (const row of rows) {
      const category = above.length > 0 ? above : row.category;
      all.set(row.key, { row, section, category });
      add(row.children, section, [...category, row.name]);
    }
  };
  for (const { title, rows } of words?.sections ?? []) add(rows, title, []);
  return all;
}
