import { containing } from "#lib/db/ilike";
import type { Tx } from "#lib/db/transaction";
import type { Name, NamesDocument } from "#lib/names/names";
import { provenDocument } from "#lib/sets/snapshot-codec";
import { keyOf } from "./segment.ts";
import { fold } from "./terms.ts";

/** Settings of the settings catalog whose names hold a text, as far as Microsoft was asked for them. @returns id, folded → name */
export async function settingsNamed(db: Tx, text: string): Promise<Map<string, string>> {
  const rows = await db.$queryRaw<{ id: string; name: string }[]>`
    SELECT id, name FROM setting_definitions WHERE name ILIKE ${containing(text)}`;
  return new Map(rows.map(({ id, name }) => [fold(id), name]));
}

/**
 * Ids whose names hold a text, as any kept set knows them: groups, users, filters and the like.
 * @param text folded
 * @param mayHold whether the index leaves open that a snapshot holds the text, by key
 * @returns id, folded → its name in the newest set that knows it so
 */
export async function idsNamed(
  db: Tx,
  tenantId: number,
  text: string,
  mayHold: (key: string) => boolean,
): Promise<Map<string, string>> {
  const rows = await db.$queryRaw<{ sha256: string }[]>`
    SELECT names_sha256 AS sha256 FROM backup_sets
    WHERE tenant_id = ${tenantId} AND deleted_at IS NULL AND names_sha256 IS NOT NULL
    GROUP BY names_sha256 ORDER BY max(id) DESC`;
  const hashes = rows.map((row) => row.sha256).filter((hash) => mayHold(keyOf(hash)));
  const named = new Map<string, string>();
  for (const sha256 of hashes) {
    const stored = await db.snapshot.findFirst({
      where: { tenant_id: tenantId, sha256 },
      select: { sha256: true, encoding: true, content: true },
    });
    const document = stored && (await provenDocument(stored));
    if (!document) continue;
    const { names } = JSON.parse(Buffer.from(document).toString("utf8")) as NamesDocument;
    for (const known of Object.values(names) as Record<string, Name>[]) {
      for (const [id, { name, user_principal_name }] of Object.entries(known)) {
        const isSo = [name, user_principal_name].some((each) => each && fold(each).includes(text));
        if (isSo && !named.has(fold(id))) named.set(fold(id), name ?? user_principal_name ?? id);
      }
    }
  }
  return named;
}
