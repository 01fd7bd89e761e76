import type { Tx } from "#lib/db/transaction";

/**
 * Erases the secrets that people gave for a restore, in its tenant's transaction.
 * @param which `all`: the restore has come to its end; `written`: it can go on, and only policies that are still to be
 *   written keep theirs
 */
export async function eraseSecrets(db: Tx, restoreId: number, which: "all" | "written"): Promise<void> {
  await db.$executeRaw`
    UPDATE restore_items SET secrets_ciphertext = NULL
    WHERE restore_id = ${restoreId} AND secrets_ciphertext IS NOT NULL
      AND (${which === "all"} OR NOT (state IN ('pending', 'writing', 'waiting_for_approval', 'failed')
                                      OR state = 'blocked' AND error_code IS NOT NULL))`;
}
