import type { Tx } from "#lib/db/transaction";
import { decodeSegment, encodeSegment, keyBytes, keysIn, merged, type Segment, without } from "./segment.ts";
import { termRules } from "./terms.ts";

/** Snapshots of a segment at most: what shares terms lies together, and what a change rewrites stays small. */
export const segmentMost = 1_000;

/** Which part of the index a segment is. */
interface PlacedSegment extends Segment {
  id: number;
}

/** Until the end of the transaction, nobody else changes the tenant's index. */
export async function lockSegments(db: Tx, tenantId: number): Promise<void> {
  await db.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('tenantpilot.contents', ${tenantId}))::text`;
}

/** All segments of a tenant, the oldest first; those that rules of another version have made leave out what could be found. */
export async function readSegments(db: Tx, tenantId: number): Promise<PlacedSegment[]> {
  const rows = await db.contentSegment.findMany({
    where: { tenant_id: tenantId, term_rules: termRules },
    orderBy: { id: "asc" },
  });
  return rows.map((row) => ({ id: row.id, ...decodeSegment(row) }));
}

/** The keys of all snapshots that the index has, in hex. */
export async function indexedKeys(db: Tx, tenantId: number): Promise<string[]> {
  const rows = await db.contentSegment.findMany({
    where: { tenant_id: tenantId, term_rules: termRules },
    select: { keys: true },
  });
  return rows.flatMap((row) => keysIn(row.keys));
}

/**
 * Adds a segment to a tenant's index, together with the newest ones that are no larger: so there are few, and each snapshot is
 * written again about as often as it could be doubled. The index is locked.
 */
export async function addSegment(db: Tx, tenantId: number, added: Segment): Promise<void> {
  const rows = await db.contentSegment.findMany({
    where: { tenant_id: tenantId, term_rules: termRules },
    orderBy: { id: "desc" },
  });
  const together: number[] = [];
  const segments = [added];
  let size = sizeOf(added);
  for (const row of rows) {
    if (sizeOf(row) > size || sizeOf(row) + size > segmentMost) break;
    together.push(row.id);
    segments.unshift(decodeSegment(row));
    size += sizeOf(row);
  }
  await db.contentSegment.deleteMany({ where: { tenant_id: tenantId, id: { in: together } } });
  await store(db, tenantId, merged(segments), { term_rules: termRules });
}

/** Removes what rules of other versions have made. */
export async function removeOutdatedSegments(db: Tx, tenantId: number): Promise<void> {
  await lockSegments(db, tenantId);
  await db.contentSegment.deleteMany({ where: { tenant_id: tenantId, term_rules: { not: termRules } } });
}

/**
 * Takes snapshots out of a tenant's index, with the terms that only they had, whatever segments they are in. It is part of
 * the transaction that removes them.
 * @param gone keys in hex
 */
export async function removeFromSegments(db: Tx, tenantId: number, gone: ReadonlySet<string>): Promise<void> {
  if (gone.size === 0) return;
  await lockSegments(db, tenantId);
  const rows = await db.contentSegment.findMany({ where: { tenant_id: tenantId }, orderBy: { id: "asc" } });
  for (const row of rows) {
    if (!keysIn(row.keys).some((key) => gone.has(key))) continue;
    await db.contentSegment.deleteMany({ where: { tenant_id: tenantId, id: row.id } });
    const left = without(decodeSegment(row), gone);
    if (sizeOf(left) > 0) await store(db, tenantId, left, { id: row.id, term_rules: row.term_rules });
  }
}

async function store(
  db: Tx,
  tenantId: number,
  segment: Segment,
  placed: { id?: number; term_rules: number },
): Promise<void> {
  const { keys, content } = await encodeSegment(segment);
  await db.contentSegment.create({
    data: {
      tenant_id: tenantId,
      ...placed,
      keys: new Uint8Array(keys),
      content: new Uint8Array(content),
    },
    select: { id: true },
  });
}

function sizeOf({ keys }: { keys: Uint8Array }): number {
  return keys.byteLength / keyBytes;
}
