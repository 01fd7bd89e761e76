import type { TypeSummary } from "#lib/capture/summary";
import type { Tx } from "#lib/db/transaction";
import { writingOf } from "#lib/policies/write";
import type { Document } from "./document.ts";
import { matchLive } from "./match.ts";
import type { LiveMatch, PlannableItem } from "./plan-all.ts";
import { documentOf } from "./rows.ts";

/**
 * What a set of the live tenant has of the backups of some items: by id, by name, or among all where a type's defaults have
 * any name. In the tenant's transaction.
 * @param isForeign the backups are another tenant's
 */
export async function matchAll(
  db: Tx,
  setId: number,
  items: readonly PlannableItem[],
  isForeign: boolean,
): Promise<{ id: number; match: LiveMatch; live_graph_id: string | null }[]> {
  const set = await db.backupSet.findFirstOrThrow({ where: { id: setId }, select: { manifest: true } });
  const { types } = set.manifest as unknown as { types: Record<string, TypeSummary> };
  const whole = (key: string) => {
    const type = types[key];
    return type?.listed === true && !type.skipped && type.failed === 0;
  };
  const wanted = items.map(({ type, backup }) => {
    const rule = writingOf(type.key);
    const any =
      type.single || (!("cannot" in rule) && rule.builtIn.some(({ allows }) => allows === "update"));
    return {
      policy_type: type.key,
      graph_id: String(backup[type.idProperty] ?? ""),
      any,
    };
  });
  const names = await db.$queryRaw<{ id: number; display_name: string }[]>`
    SELECT id, display_name FROM restore_items WHERE id = ANY(${items.map(({ id }) => id)}::int[])`;
  const nameOf = new Map(names.map(({ id, display_name }) => [id, display_name]));
  const questions = wanted.map((one, at) => ({ ...one, name: nameOf.get(items[at]?.id ?? 0) ?? "" }));
  const rows = await db.$queryRaw<
    { policy_type: string; graph_id: string; encoding: string; content: Uint8Array }[]
  >`
    SELECT DISTINCT ON (i.policy_type, i.graph_id) i.policy_type, i.graph_id, s.encoding, s.content
    FROM jsonb_to_recordset(${JSON.stringify(questions)}::jsonb) AS q(policy_type text, graph_id text, name text, "any" boolean)
    JOIN backup_items i ON i.backup_set_id = ${setId} AND i.policy_type = q.policy_type
      AND (q."any" OR i.graph_id = q.graph_id OR i.display_name = q.name)
    JOIN snapshots s ON s.tenant_id = i.tenant_id AND s.sha256 = i.sha256`;
  const live = new Map<string, Document[]>();
  const idOf = new Map<Document, string>();
  for (const { policy_type, graph_id, encoding, content } of rows) {
    const document = await documentOf(encoding, content);
    idOf.set(document, graph_id);
    live.set(policy_type, [...(live.get(policy_type) ?? []), document]);
  }
  return items.map(({ id, type, backup }) => {
    const match = matchLive(type, backup, live.get(type.key) ?? [], isForeign);
    if ("ambiguous" in match) return { id, match: "ambiguous", live_graph_id: null };
    if (match.live === null) return { id, match: whole(type.key) ? "none" : "unread", live_graph_id: null };
    return { id, match: "found", live_graph_id: idOf.get(match.live) ?? null };
  });
}
