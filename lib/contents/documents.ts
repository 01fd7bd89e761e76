import type { Tx } from "#lib/db/transaction";
import { provenDocument } from "#lib/sets/snapshot-codec";

/** Documents that one statement reads at most: what bounds the memory that a search takes. */
export const documentsAtOnce = 50;

/**
 * Reads documents in one statement, and hands them out one after the other, so that only one of them is in memory
 * decompressed. Damaged and missing ones are left out.
 * @param hashes distinct, {@link documentsAtOnce} at most; the order in which they are handed out is not theirs
 * @param use gets each as canonical JSON
 */
export async function readDocuments(
  db: Tx,
  tenantId: number,
  hashes: readonly string[],
  use: (sha256: string, json: string) => void,
): Promise<void> {
  if (hashes.length === 0) return;
  const stored = await db.snapshot.findMany({
    where: { tenant_id: tenantId, sha256: { in: [...hashes] } },
    select: { sha256: true, encoding: true, content: true },
  });
  for (const each of stored) {
    const document = await provenDocument(each);
    if (document) use(each.sha256, Buffer.from(document).toString("utf8"));
  }
}
