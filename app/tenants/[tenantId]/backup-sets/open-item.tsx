import { ItemDetails } from "#components/backup-sets/item-details";
import { getItemContent } from "#lib/backups/items";
import { found, idOf, openTenant } from "../../../page-data.ts";

/** A stored policy with its JSON: its own page shows it, and the modal over the set. */
export async function openItem(params: Promise<{ tenantId: string; setId: string; itemId: string }>) {
  const { tenantId: tenantIdText, setId: setIdText, itemId } = await params;
  const { actor, tenantId } = await openTenant(tenantIdText);
  const setId = idOf(setIdText);
  const item = await found(getItemContent(actor, tenantId, { set_id: setId, item_id: idOf(itemId) }));
  return { item, tenantId, setId, details: <ItemDetails tenantId={tenantId} setId={setId} item={item} /> };
}
