import type { Tx } from "#lib/db/transaction";
import type { Names } from "#lib/names/names";
import type { SettingDefinition, WordContext } from "./schema.ts";

/** What is known of the settings in some documents. */
export interface SettingKnowledge {
  definitions: SettingDefinition[];
  /** The settings of templates in their order, by id. */
  templates: Record<string, string[]>;
  /** Paths of the categories that they stand in, by id; from the outermost. */
  categories: Record<string, string[]>;
}

/** The cloud whose definitions hold for the tenant: that of its connection. */
export async function cloudOf(db: Tx): Promise<string> {
  return (await db.connection.findFirst({ select: { cloud: true } }))?.cloud ?? "global";
}

/**
 * What is known of some settings: a few queries, whatever their number, and none where there are none.
 * @param settingIds with those of templates, as `settingIdsOf` tells them
 */
export async function readSettingKnowledge(db: Tx, settingIds: readonly string[]): Promise<SettingKnowledge> {
  if (settingIds.length === 0) return { definitions: [], templates: {}, categories: {} };
  const cloud = await cloudOf(db);
  const ids = [...settingIds];
  const rows = await db.settingDefinition.findMany({
    where: { cloud, id: { in: ids }, name: { not: null } },
    omit: { cloud: true, fetched_at: true },
  });
  const found = await db.settingTemplate.findMany({ where: { cloud, id: { in: ids } } });
  const templates = Object.fromEntries(found.map(({ id, setting_ids }) => [id, setting_ids]));
  const definitions = rows.flatMap(({ name, options, ...row }) =>
    name === null ? [] : [{ ...row, name, options: options as Record<string, string> }],
  );
  const categories = [...new Set(definitions.flatMap(({ category_id }) => category_id ?? []))];
  if (categories.length === 0) return { definitions, templates, categories: {} };
  const paths = await db.$queryRaw<{ id: string; path: string[] }[]>`
    WITH RECURSIVE above AS (
      SELECT id AS of, parent_id, name, 0 AS depth FROM setting_categories
      WHERE cloud = ${cloud} AND id = ANY(${categories}::text[])
      UNION ALL
      SELECT a.of, c.parent_id, c.name, a.depth + 1 FROM above a JOIN setting_categories c ON c.cloud = ${cloud} AND c.id = a.parent_id
      WHERE a.depth < 10)
    SELECT of AS id, array_agg(name ORDER BY depth DESC) FILTER (WHERE name IS NOT NULL) AS path FROM above GROUP BY of`;
  return {
    definitions,
    templates,
    categories: Object.fromEntries(paths.map(({ id, path }) => [id, path ?? []])),
  };
}

/**
 * The context in which documents are said in words.
 * @param names what the ids in them stand for
 */
export function contextOf(
  { definitions, templates, categories }: SettingKnowledge,
  names: Names,
): WordContext {
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
    template: (id) => (Object.hasOwn(templates, id) ? (templates[id] ?? []) : []),
    category: (id) => (Object.hasOwn(categories, id) ? (categories[id] ?? []) : []),
    nameOf: (kind, id) => known.get(`${kind} ${id.toLowerCase()}`),
  };
}
