import { found, idOf, openTenant } from "#app/page-data.ts";
import { ItemDetails, type ItemDocument } from "#components/backup-sets/items/item-details";
import type { Actor } from "#lib/access/actor";
import { canIn } from "#lib/access/permissions";
import { AppError } from "#lib/errors";
import { inWords } from "#lib/sets/item-words";
import { type BackupItemDetails, getBackupItem, getItemContent } from "#lib/sets/items";
import { documentNames } from "#lib/sets/names-of-document";
import { restoreStart } from "../restores/restore-start.ts";

/** Larger documents are not part of the page: the browser fetches them when it is there. */
const inPageUpTo = 48_000;

/** A stored policy with its JSON: its own page shows it, and the modal over the set. */
export async function openItem(params: Promise<{ tenantId: string; setId: string; itemId: string }>) {
  const { tenantId: tenantIdText, setId: setIdText, itemId } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  const item = await found(
    getBackupItem(actor, tenantId, { set_id: idOf(setIdText), item_id: idOf(itemId) }),
  );
  const [document, start] = await Promise.all([
    documentOf(actor, tenantId, item),
    restoreStart(actor, tenant),
  ]);
  return {
    item,
    tenantId,
    details: (
      <ItemDetails
        tenantId={tenantId}
        item={item}
        document={document}
        start={start}
        mayExport={canIn(tenant, "set:export")}
      />
    ),
  };
}

async function documentOf(actor: Actor, tenantId: number, item: BackupItemDetails): Promise<ItemDocument> {
  try {
    const { json } = await getItemContent(actor, tenantId, { set_id: item.set_id, item_id: item.id });
    const document: unknown = JSON.parse(json);
    const names = await documentNames(actor, tenantId, item.set_id, document);
    const { policy_type: policyType } = item;
    const said = await inWords(actor, tenantId, [{ policyType, document, names: names.names }]);
    const [words = { sections: [], sentences: [] }] = said;
    return json.length > inPageUpTo ? { large: true, names, words } : { json, names, words };
  } catch (error) {
    // The page says so in its place; the rest of it is still right.
    if (error instanceof AppError && error.code === "INTERNAL") return { damage: error.message };
    throw error;
  }
}
