import type { PolicyWords, WordRow, WordValue } from "./schema.ts";
import { commonKey } from "./unique-keys.ts";

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

/** A row with what it stands below, and its like in the other document. */
interface PlacedRow {
  row: WordRow;
  section: string;
  category: string[];
  like: WordRow | null;
}

/**
 * What differs between two policies in words, in the order of the newer one; what was removed stands at the end of its
 * section. A row that came or went with others below it is told once for each that has a value. Of rows that only their order
 * tells apart, those that say the same are the same.
 * @param before the older one; null: everything is new
 * @param after the newer one; null: everything went
 */
export function wordDifferences(before: PolicyWords | null, after: PolicyWords | null): WordChange[] {
  const likes = pairs(topRows(before), topRows(after));
  const older = placed(before, likes.ofOlder);
  const newer = placed(after, likes.ofNewer);
  const sections = [
    ...new Set([...(after?.sections ?? []), ...(before?.sections ?? [])].map(({ title }) => title)),
  ];
  return sections.flatMap((section) => [
    ...newer.flatMap((there) => (there.section === section ? changesOf(there.like, there.row, there) : [])),
    ...older.flatMap((there) =>
      there.section === section && there.like === null ? changesOf(there.row, null, there) : [],
    ),
  ]);
}

function topRows(words: PolicyWords | null): WordRow[] {
  return (words?.sections ?? []).flatMap(({ rows }) => rows);
}

/** Rows of two documents, and those below them, by their likes in the other one. */
interface Likes {
  ofOlder: Map<WordRow, WordRow>;
  ofNewer: Map<WordRow, WordRow>;
}

function pairs(
  older: readonly WordRow[],
  newer: readonly WordRow[],
  likes: Likes = { ofOlder: new Map(), ofNewer: new Map() },
): Likes {
  const groups = Map.groupBy(newer, commonKey);
  for (const [key, before] of Map.groupBy(older, commonKey)) {
    const after = groups.get(key) ?? [];
    // First what says the same, then what has the same place among those of its key, then the others in their order.
    const rules: ((one: WordRow, other: WordRow) => boolean)[] = [
      (one, other) => sayingOf(one) === sayingOf(other),
      (one, other) => one.key === other.key,
      () => true,
    ];
    for (const areAlike of before.length + after.length > 2 ? rules : rules.slice(2)) {
      for (const one of before) {
        if (likes.ofOlder.has(one)) continue;
        const other = after.find((each) => !likes.ofNewer.has(each) && areAlike(one, each));
        if (!other) continue;
        likes.ofOlder.set(one, other);
        likes.ofNewer.set(other, one);
        pairs(one.children, other.children, likes);
      }
    }
  }
  return likes;
}

const sayings = new WeakMap<WordRow, string>();

/** All that a row and those below it say. */
function sayingOf(row: WordRow): string {
  const saying =
    sayings.get(row) ?? JSON.stringify([commonKey(row), ownSaying(row), row.children.map(sayingOf)]);
  sayings.set(row, saying);
  return saying;
}

function changesOf(
  before: WordRow | null,
  after: WordRow | null,
  { section, category }: Pick<PlacedRow, "section" | "category">,
): WordChange[] {
  const shown = after ?? before;
  if (!shown) return [];
  const values = { before: before?.value ?? null, after: after?.value ?? null };
  if (before && after && ownSaying(before) === ownSaying(after)) return [];
  // A heading says nothing by itself, unless nothing below it does.
  if (shown.value.kind === "none" && shown.children.length > 0 && !(before && after)) return [];
  return [
    {
      key: shown.key,
      section,
      category,
      path: shown.path,
      name: shown.name,
      kind: before ? (after ? "changed" : "removed") : "added",
      ...values,
    },
  ];
}

/** What a row says, to be compared. A list that a property holds has no order; one of settings, whose entries have places, has. */
function ownSaying({ value, path }: WordRow): string {
  const step = path.at(-1);
  const hasOrder = typeof step === "number" || step === "settingInstance";
  return JSON.stringify(value.kind === "list" && !hasOrder ? value.items.toSorted() : value);
}

/** Every row of a policy, those below others too. */
function placed(words: PolicyWords | null, likes: ReadonlyMap<WordRow, WordRow>): PlacedRow[] {
  const all: PlacedRow[] = [];
  const add = (rows: readonly WordRow[], section: string, above: string[]) => {
    for (const row of rows) {
      const category = above.length > 0 ? above : row.category;
      all.push({ row, section, category, like: likes.get(row) ?? null });
      add(row.children, section, [...category, headingOf(row)]);
    }
  };
  for (const { title, rows } of words?.sections ?? []) add(rows, title, []);
  return all;
}

/** What stands above a row: of several assignments, whom it is for. */
function headingOf({ path, name, value }: WordRow): string {
  const isAssignment = path.length === 2 && path[0] === "assignments";
  return isAssignment && value.kind === "text" ? `${name} ${value.text}` : name;
}
