import type { Tx } from "#lib/db/transaction";
import { catalog } from "#lib/policies/catalog";
import { isWellKnown } from "#lib/policies/write/well-known";
import { decisionKey, type KnownObject, kindsOf } from "./mapping.ts";
import { type PlannableItem, type Referred, referencesIn, resolverOf } from "./plan-all.ts";
import { planContextOf } from "./rows.ts";
import type { RestoreReference } from "./schema.ts";
import { plannedItems } from "./stored-plan.ts";

/** Live objects of a kind that are offered for a reference. */
const offered = 50;

/**
 * What the policies of a restore refer to, and what becomes of each reference: in the tenant's transaction. Those that
 * somebody must decide come first.
 */
export async function referencesOfRestore(
  db: Tx,
  tenantId: number,
  restore: { id: number; source_tenant_id: number; known: unknown; live_set_id: number | null },
): Promise<RestoreReference[]> {
  const context = await planContextOf(db, tenantId, restore);
  const { items, made } = await plannedItems(db, tenantId, restore.id, context);
  const chosen = items.filter(({ isSkipped }) => !isSkipped);
  const counts = countReferences(chosen);
  const resolve = resolverOf(context, made);
  const decisions = await db.referenceDecision.findMany({
    where: { source_tenant_id: restore.source_tenant_id },
  });
  const decisionOf = new Map(
    decisions.map((row) => [decisionKey(row.kind as Referred["kind"], row.source_id), row]),
  );
  const nameOf = new Map(
    context.known.source.map((object) => [decisionKey(object.kind, object.id), object.name]),
  );
  const liveName = new Map(
    context.known.target.map((object) => [decisionKey(object.kind, object.id), object.name]),
  );
  const references = counts.map(({ ref, item_count }): RestoreReference => {
    const key = decisionKey(ref.kind, ref.id);
    const decision = decisionOf.get(key);
    const resolution = resolve(ref.kind, ref.id);
    const target =
      typeof resolution === "object"
        ? {
            id: resolution.id,
            name:
              (decision?.target_id === resolution.id ? decision.target_name : null) ??
              liveName.get(decisionKey(ref.kind, resolution.id)) ??
              resolution.id,
          }
        : null;
    return {
      ...ref,
      name: nameOf.get(key) ?? null,
      item_count,
      resolution: wordFor(resolution, decision !== undefined, made.has(key)),
      target,
      suggestions: [],
      decision: decision
        ? {
            target_id: decision.target_id,
            target_name: decision.target_name,
            decided_by: decision.decided_by,
            decided_at: decision.decided_at.toISOString(),
            checked_at: decision.checked_at?.toISOString() ?? null,
            not_checked: decision.not_checked,
          }
        : null,
    };
  });
  const open = references.filter(isOpen);
  for (const reference of open)
    reference.suggestions = await suggestionsFor(db, restore.live_set_id, reference, context.known.target);
  return [...open, ...references.filter((reference) => !isOpen(reference))];
}

function isOpen({ resolution }: RestoreReference): boolean {
  return resolution === "unknown" || resolution === "ambiguous";
}

function wordFor(
  resolution: ReturnType<ReturnType<typeof resolverOf>>,
  isDecided: boolean,
  isMade: boolean,
): RestoreReference["resolution"] {
  if (resolution === "left out") return "left_out";
  if (resolution === "unknown" || resolution === "ambiguous") return resolution;
  if (isDecided) return "decided";
  return isMade ? "made" : "found";
}

function countReferences(items: readonly PlannableItem[]): { ref: Referred; item_count: number }[] {
  const counts = new Map<string, { ref: Referred; item_count: number }>();
  for (const item of items) {
    for (const ref of referencesIn([item])) {
      const key = decisionKey(ref.kind, ref.id);
      const known = counts.get(key);
      if (known) known.item_count += 1;
      else if (!isWellKnown(ref.kind, ref.id)) counts.set(key, { ref, item_count: 1 });
    }
  }
  return [...counts.values()];
}

async function suggestionsFor(
  db: Tx,
  setId: number | null,
  { kind, name }: RestoreReference,
  target: readonly KnownObject[],
): Promise<RestoreReference["suggestions"]> {
  const same = target.filter((object) => object.kind === kind && object.name === name);
  const types =
    kind === "policy" ? [] : catalog.filter(({ key }) => kindsOf(key).some((one) => one === kind));
  const rows =
    setId === null || types.length === 0
      ? []
      : await db.$queryRaw<{ id: string; name: string }[]>`
          SELECT graph_id AS id, display_name AS name FROM backup_items
          WHERE backup_set_id = ${setId} AND policy_type = ANY(${types.map(({ key }) => key)}::text[])
          ORDER BY display_name = ${name ?? ""} DESC, display_name, graph_id LIMIT ${offered}`;
  const all = [...same.map(({ id, name: called }) => ({ id, name: called })), ...rows];
  return [...new Map(all.map((object) => [object.id, object])).values()].slice(0, offered);
}

/** How many references of a restore somebody must decide. */
export async function openReferences(db: Tx, tenantId: number, restoreId: number): Promise<number> {
  const restore = await db.restore.findFirstOrThrow({ where: { id: restoreId } });
  return (await referencesOfRestore(db, tenantId, restore)).filter(isOpen).length;
}
