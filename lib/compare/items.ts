import type { Actor } from "#lib/access/actor";
import type { Names } from "#lib/names/names";
import { getItemContent, type ItemContent } from "#lib/sets/items";
import { documentNames } from "#lib/sets/names-of-document";
import { type DocumentChange, diffDocuments } from "./document-diff.ts";

/** One item of a set of a tenant. */
export interface ItemOfTenant {
  tenant_id: number;
  set_id: number;
  item_id: number;
}

/** What differs between two stored policies. */
export interface ItemComparison {
  left: Omit<ItemContent, "json" | "volatile">;
  right: Omit<ItemContent, "json" | "volatile">;
  /** The stored documents are the same, byte for byte. */
  identical: boolean;
  /** In the order of their paths. Empty though not identical: nothing but the order within lists differs. */
  changes: DocumentChange[];
  /** What the ids in either document stood for in its set. */
  names: { left: Names; right: Names };
}

/**
 * The readable differences between two stored policies, in one tenant or in two. Volatile fields are no part of
 * stored documents, and so of no difference.
 * @throws AppError NOT_FOUND for what is not the actor's; INTERNAL when a stored copy is damaged
 */
export async function compareItems(
  actor: Actor,
  left: ItemOfTenant,
  right: ItemOfTenant,
): Promise<ItemComparison> {
  const before = await getItemContent(actor, left.tenant_id, { set_id: left.set_id, item_id: left.item_id });
  const after = await getItemContent(actor, right.tenant_id, {
    set_id: right.set_id,
    item_id: right.item_id,
  });
  const identical = before.sha256 === after.sha256;
  if (identical) {
    const [same, too] = [withoutContent(before), withoutContent(after)];
    return { left: same, right: too, identical, changes: [], names: { left: {}, right: {} } };
  }
  const [older, newer]: unknown[] = [JSON.parse(before.json), JSON.parse(after.json)];
  const { names: olderNames } = await documentNames(actor, left.tenant_id, left.set_id, older);
  const { names: newerNames } = await documentNames(actor, right.tenant_id, right.set_id, newer);
  return {
    left: withoutContent(before),
    right: withoutContent(after),
    identical,
    changes: diffDocuments(older, newer, { acrossTenants: left.tenant_id !== right.tenant_id }),
    names: { left: olderNames, right: newerNames },
  };
}

function withoutContent({ json: _json, volatile: _volatile, ...item }: ItemContent): ItemComparison["left"] {
  return item;
}
