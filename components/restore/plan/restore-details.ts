import type { getRestoreItem } from "#lib/restore/item-details";
import type { getRestore } from "#lib/restore/list";

/** One restore, with what it asks of whoever wants it carried out. */
export type RestoreDetails = Awaited<ReturnType<typeof getRestore>>;

/** One policy of a restore, with the differences from the live policy to the backup. */
export type RestoreItemDetails = Awaited<ReturnType<typeof getRestoreItem>>;
