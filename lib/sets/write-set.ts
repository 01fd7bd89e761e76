import { typesCapturedWhole } from "#lib/capture/captured-whole";
import type { TypeSummary } from "#lib/capture/summary";
import type { Tx } from "#lib/db/transaction";
import { catalogRevision } from "#lib/policies/catalog";
import { predecessorOf } from "./predecessor.ts";
import type { StoredSnapshot } from "./snapshot-codec.ts";

export interface SetInput {
  tenant_id: number;
  backup_schedule_id: number;
  run_id: number;
  attempt: number;
  status: "success" | "partial";
  types: Record<string, TypeSummary>;
  /** What the ids in the items stand for. */
  names: StoredSnapshot | null;
}

export interface WrittenSet {
  id: number;
  item_count: number;
  bytes: { logical: number; stored: number; added: number };
  changes: { added: number; changed: number; removed: number; unchanged: number };
}

/**
 * Writes a run's backup set out of its staged items: set, items and manifest, in the caller's transaction.
 * The manifest hash is SHA-256 over one line an item, `policy_type TAB graph_id TAB sha256`, in byte order:
 * verification recomputes it from the items. Beside it the set keeps a parity a policy type (migration
 * "retention_rules"), with which verification finds out which item's row was lost.
 *
 * The items' foreign key to snapshots is what makes the set whole: a set that refers to a snapshot which is
 * not stored cannot be committed.
 */
export async function writeSet(db: Tx, input: SetInput): Promise<WrittenSet> {
  if (input.names) await storeNames(db, input.tenant_id, input.names);
  const manifest = JSON.stringify({ types: input.types, catalog_revision: catalogRevision });
  const [made] = await db.$queryRaw<
    { id: number; item_count: number; logical: bigint; stored: bigint; added: bigint }[]
  >`
    WITH staged AS (
      SELECT i.policy_type, i.graph_id, i.sha256 FROM staged_items i
      WHERE i.run_id = ${input.run_id} AND i.attempt = ${input.attempt}
    ), sizes AS (
      SELECT coalesce(sum(s.bytes_logical), 0)::bigint AS logical, coalesce(sum(s.bytes_stored), 0)::bigint AS stored,
             coalesce(sum(s.bytes_stored) FILTER (WHERE s.created_at >= r.created_at), 0)::bigint AS added
      FROM (SELECT DISTINCT sha256 FROM staged) d
      JOIN snapshots s ON s.sha256 = d.sha256 AND s.tenant_id = ${input.tenant_id}
      CROSS JOIN (SELECT created_at FROM backup_schedule_runs WHERE id = ${input.run_id}) r
    ), manifest AS (
      SELECT count(*)::int AS item_count,
             encode(sha256(convert_to(coalesce(string_agg(
               policy_type || E'\t' || graph_id || E'\t' || sha256, E'\n'
               ORDER BY policy_type COLLATE "C", graph_id COLLATE "C"), ''), 'UTF8')), 'hex') AS manifest_sha256
      FROM staged
    ), parity AS (
      SELECT jsonb_object_agg(policy_type, parity) AS item_parity
      FROM (SELECT policy_type,
                   lpad(to_hex(bit_xor(('x' || left(sha256, 16))::bit(64)::bigint)), 16, '0') AS parity
            FROM staged GROUP BY policy_type) by_type
    ), made AS (
      INSERT INTO backup_sets (tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                               manifest, manifest_sha256, item_parity, names_sha256)
      SELECT ${input.tenant_id}, ${input.backup_schedule_id}, ${input.run_id}, ${input.status}::run_status, m.item_count,
             z.logical, z.stored, ${manifest}::jsonb, m.manifest_sha256, p.item_parity,
             ${input.names?.sha256 ?? null}
      FROM manifest m, sizes z, parity p
      RETURNING id, item_count
    )
    SELECT made.id, made.item_count, sizes.logical, sizes.stored, sizes.added FROM made, sizes`;
  if (!made) throw new Error("The backup set was not written");
  await db.$executeRaw`
    INSERT INTO backup_items (tenant_id, backup_set_id, kind, policy_type, graph_id, display_name, sha256, volatile,
                              children, notes)
    SELECT tenant_id, ${made.id}, kind, policy_type, graph_id, display_name, sha256, volatile, children, notes
    FROM staged_items WHERE run_id = ${input.run_id} AND attempt = ${input.attempt}
    ORDER BY kind, policy_type COLLATE "C", display_name, graph_id`;
  return {
    id: made.id,
    item_count: made.item_count,
    bytes: { logical: Number(made.logical), stored: Number(made.stored), added: Number(made.added) },
    changes: await compareWithPredecessor(db, input, made.id),
  };
}

/** Most sets of a schedule have the same names as the one before: then nothing is written. */
async function storeNames(db: Tx, tenant_id: number, names: StoredSnapshot): Promise<void> {
  const content = names.content as Uint8Array<ArrayBuffer>;
  await db.snapshot.createMany({ skipDuplicates: true, data: [{ tenant_id, ...names, content }] });
}

/**
 * Counts what changed since the schedule's previous set. A policy counts as removed only where its whole type
 * was captured: what could not be read has not been removed.
 */
async function compareWithPredecessor(
  db: Tx,
  input: SetInput,
  setId: number,
): Promise<WrittenSet["changes"]> {
  const whole = typesCapturedWhole(input.types);
  const previous = await predecessorOf(db, { id: setId, backup_schedule_id: input.backup_schedule_id });
  const [changes] = await db.$queryRaw<
    { added: number; changed: number; removed: number; unchanged: number }[]
  >`
    WITH previous AS (
      SELECT policy_type, graph_id, sha256 FROM backup_items WHERE backup_set_id = ${previous}
    ), current AS (
      SELECT policy_type, graph_id, sha256 FROM backup_items WHERE backup_set_id = ${setId}
    )
    SELECT count(*) FILTER (WHERE p.sha256 IS NULL)::int AS added,
           count(*) FILTER (WHERE NOT same_policy(p.sha256, c.sha256))::int AS changed,
           count(*) FILTER (WHERE c.sha256 IS NULL AND p.policy_type = ANY(${whole}::text[]))::int AS removed,
           count(*) FILTER (WHERE same_policy(p.sha256, c.sha256))::int AS unchanged
    FROM previous p FULL JOIN current c USING (policy_type, graph_id)`;
  return changes ?? { added: 0, changed: 0, removed: 0, unchanged: 0 };
}
