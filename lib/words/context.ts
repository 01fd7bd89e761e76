import type { Tx } from "#lib/db/transaction";
import type { Names } from "#lib/names/names";
import type { SettingDefinition, WordContext } from "./schema.ts";

/** What is known of the settings in some documents. */
export interface SettingKnowledge {
  definitions: SettingDefinition[];
  /** Paths of the categories that they stand in, by id; from the outermost. */
  categories: Record<string, string[]>;
}

/** What is known of some settings: two queries, whatever their number, and none where there are none. */
export async function readSettingKnowledge(db: Tx, settingIds: readonly string[]): Promise<SettingKnowledge> {
  if (settingIds.length === 0) return { definitions: [], categories: {} };
  const rows = await db.settingDefinition.findMany({
    where: { id: { in: [...settingIds] }, name: { not: null } },
    omit: { fetched_at: true },
  });
  const definitions = rows.flatMap(({ name, options, ...row }) =>
    name === null ? [] : [{ ...row, name, options: options as Record<string, string> }],
  );
  const categories = [...new Set(definitions.flatMap(({ category_id }) => category_id ?? []))];
  if (categories.length === 0) return { definitions, categories: {} };
  const paths = await db.$queryRaw<{ id: string; path: string[] }[]>`
    WITH RECURSIVE above AS (
      SELECT id AS of, parent_id, name, 0 AS depth FROM setting_categories WHERE id = ANY(${categories}::text[])
      UNION ALL
      SELECT a.of, c.parent_id, c.name, a.depth + 1 FROM above a JOIN setting_categories c ON c.id = a.parent_id
      WHERE a.depth < 10)
    SELECT of AS id, array_agg(name ORDER BY depth DESC) FILTER (WHERE name IS NOT NULL) AS path FROM above GROUP BY of`;
  return { definitions, categories: Object.fromEntries(paths.map(({ id, path }) => [id, path ?? []])) };
}

/**
 * The context in which documents are said in words.
 * @param names what the ids in them stand for
 */
export function contextOf({ definitions, categories }: SettingKnowledge, names: Names): WordContext {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  const known = new Map(
    Object.entries(names).flatMap(([kind, ids]) =>
      Object.entries(ids).flatMap(([id, { name }]) =>
        name === null ? [] : [[`${kind} ${id}`, name] as const],
      ),
    ),
  );
  return {
    definition: (id) => byId.get(id),
    category: (id) => (Object.hasOwn(categories, id) ? (categories[id] ?? []) : []),
    nameOf: (kind, id) => known.get(`${kind} ${id.toLowerCase()}`),
  };
}
