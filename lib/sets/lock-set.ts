import type { BackupSet } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { setNotFound } from "./sets.ts";

/**
 * A set, also from the bin, its row locked until the end of the transaction: retention and people never decide on the
 * same set at the same time.
 * @throws AppError NOT_FOUND
 */
export async function lockSet(
  db: Tx,
  setId: number,
): Promise<BackupSet & { schedule: { name: string; deleted_at: Date | null } }> {
  await db.$queryRaw`SELECT id FROM backup_sets WHERE id = ${setId} FOR UPDATE`;
  const set = await db.backupSet.findFirst({
    where: { id: setId },
    include: { schedule: { select: { name: true, deleted_at: true } } },
  });
  if (!set) throw setNotFound();
  return set;
}
