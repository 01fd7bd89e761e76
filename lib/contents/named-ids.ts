import { containing } from "#lib/db/ilike";
import type { Tx } from "#lib/db/transaction";
import { namesSearched } from "#lib/limits";
import type { Name, NamesDocument } from "#lib/names/names";
import { cloudOf } from "#lib/words/context";
import { documentsAtOnce, readDocuments } from "./documents.ts";
import { mayHold } from "./find-matches.ts";
import { keyOf } from "./segment.ts";
import { fold } from "./terms.ts";

/**
 * Settings that it looks for by theirs: more than Microsoft's catalog has. Who taught them matters to nobody, so none of
 * them may be left out for the sake of others.
 */
const settingsMost = 50_000;

/**
 * All settings of the settings catalog whose names hold a text, as far as Microsoft was asked for them.
 * @returns id, folded → name
 */
export async function settingsNamed(db: Tx, text: string): Promise<Map<string, string>> {
  const rows = await db.$queryRaw<{ id: string; name: string }[]>`
    SELECT id, name FROM setting_definitions WHERE cloud = ${await cloudOf(db)} AND name ILIKE ${containing(text)}
    ORDER BY length(name), id LIMIT ${settingsMost}`;
  return new Map(rows.map(({ id, name }) => [fold(id), name]));
}

/**
 * Ids whose names hold a text, as the newest {@link namesSearched} lists of names of kept sets know them: groups, users, filters
 * and the like; so many at most.
 * @param text folded
 * @param isOpen whether the index leaves open that a snapshot holds the text, by key
 * @returns id, folded → its name in the newest set that knows it so
 */
export async function idsNamed(
  db: Tx,
  tenantId: number,
  text: string,
  isOpen: (key: string) => boolean,
): Promise<Map<string, string>> {
  const rows = await db.$queryRaw<{ sha256: string }[]>`
    SELECT names_sha256 AS sha256 FROM backup_sets
    WHERE tenant_id = ${tenantId} AND deleted_at IS NULL AND names_sha256 IS NOT NULL
    GROUP BY names_sha256 ORDER BY max(id) DESC`;
  const hashes = rows
    .map((row) => row.sha256)
    .filter((hash) => isOpen(keyOf(hash)))
    .slice(0, namesSearched.lists);
  const named = new Map<string, string>();
  for (let at = 0; at < hashes.length; at += documentsAtOnce) {
    const lists = hashes.slice(at, at + documentsAtOnce);
    const found = new Map<string, [string, string][]>();
    await readDocuments(db, tenantId, lists, (sha256, json) => {
      if (mayHold(json, { text, named: new Map() }))
        found.set(sha256, namedIn(JSON.parse(json) as NamesDocument, text));
    });
    for (const [id, name] of lists.flatMap((hash) => found.get(hash) ?? [])) {
      if (!named.has(id)) named.set(id, name);
      if (named.size === namesSearched.ids) return named;
    }
  }
  return named;
}

function namedIn({ names }: NamesDocument, text: string): [string, string][] {
  return (Object.values(names) as Record<string, Name>[]).flatMap((known) =>
    Object.entries(known).flatMap(([id, { name, user_principal_name }]): [string, string][] =>
      [name, user_principal_name].some((each) => each && fold(each).includes(text))
        ? [[fold(id), name ?? user_principal_name ?? id]]
        : [],
    ),
  );
}
