import type { BackupSet } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { movedVolatiles } from "#lib/sets/ranges";
import type { VerifyFault } from "#lib/sets/schema";

interface ShownVolatiles {
  parity: bigint;
  recorded: bigint;
}

/** An item whose fields are missing. */
type Bereft = Pick<VerifyFault, "policy_type" | "graph_id" | "display_name" | "sha256"> & { item_id: bigint };

/**
 * The items of a set that have lost the volatile fields which they had in it. The set knows the XOR over the keys of
 * all such fields, and each set whose items' fields moved with it.
 * @param isWholeOtherwise whether nothing else is known to be wrong with the set; else the XOR may be wrong for that
 */
export async function findLostVolatiles(
  db: Tx,
  set: Pick<BackupSet, "id" | "backup_schedule_id" | "volatile_parity">,
  isWholeOtherwise: boolean,
): Promise<VerifyFault[]> {
  const [found] = await db.$queryRaw<ShownVolatiles[]>`
    SELECT coalesce(bit_xor(volatile_key(range_id, from_set_id)), 0) AS parity,
           coalesce(('x' || ${set.volatile_parity})::bit(64)::bigint, 0) AS recorded
    FROM (SELECT v.range_id, max(v.from_set_id) AS from_set_id
          FROM (${movedVolatiles(set.backup_schedule_id)}) v JOIN item_ranges r ON r.id = v.range_id
          WHERE r.backup_schedule_id = ${set.backup_schedule_id} AND r.from_set_id <= ${set.id}
            AND r.until_set_id > ${set.id} AND v.from_set_id <= ${set.id}
          GROUP BY v.range_id) shown`;
  if (!found || found.parity === found.recorded) return [];
  const told = await thoseThatMoved(db, set);
  const lost =
    told.length > 0 || !isWholeOtherwise
      ? told
      : await theOneThatMakesUp(db, set, found.parity ^ found.recorded);
  if (lost.length === 0 && isWholeOtherwise) {
    return [
      {
        problem: "item_damaged",
        message: "Fields beside a policy, such as when it was changed last, are no longer in the set.",
        item_id: null,
        policy_type: null,
        graph_id: null,
        display_name: null,
        sha256: null,
      },
    ];
  }
  return lost.map((item) => ({
    problem: "item_damaged",
    message: `Fields beside "${item.display_name}", such as when it was changed last, are no longer in the set.`,
    ...item,
    item_id: Number(item.item_id),
  }));
}

/** Those whose fields moved, as the sets say, and are not there with that set or a later one. */
async function thoseThatMoved(db: Tx, set: Pick<BackupSet, "id" | "backup_schedule_id">): Promise<Bereft[]> {
  return db.$queryRaw<Bereft[]>`
    WITH said AS (
      SELECT moved.range_id, max(b.id) AS from_set_id FROM backup_sets b, unnest(b.moved_items) AS moved(range_id)
      WHERE b.backup_schedule_id = ${set.backup_schedule_id} AND b.id <= ${set.id} GROUP BY moved.range_id
    ), there AS (
      SELECT range_id, max(from_set_id) AS from_set_id FROM (${movedVolatiles(set.backup_schedule_id)}) v
      WHERE from_set_id <= ${set.id} GROUP BY range_id
    )
    SELECT r.id AS item_id, r.policy_type, r.graph_id, r.display_name, r.sha256
    FROM said JOIN item_ranges r ON r.id = said.range_id LEFT JOIN there ON there.range_id = said.range_id
    WHERE r.backup_schedule_id = ${set.backup_schedule_id} AND r.from_set_id <= ${set.id} AND r.until_set_id > ${set.id}
      AND said.from_set_id > coalesce(there.from_set_id, 0)
    ORDER BY r.id`;
}

/** The one whose fields make up the difference, as one of the sets may have been the first to show them. */
async function theOneThatMakesUp(
  db: Tx,
  set: Pick<BackupSet, "id" | "backup_schedule_id">,
  difference: bigint,
): Promise<Bereft[]> {
  return db.$queryRaw<Bereft[]>`
    WITH begins AS (
      SELECT id FROM backup_sets WHERE backup_schedule_id = ${set.backup_schedule_id} AND id <= ${set.id}
      UNION
      SELECT from_set_id FROM item_ranges WHERE backup_schedule_id = ${set.backup_schedule_id} AND from_set_id <= ${set.id}
    ), there AS MATERIALIZED (
      SELECT range_id, max(from_set_id) AS from_set_id FROM (${movedVolatiles(set.backup_schedule_id)}) v
      WHERE from_set_id <= ${set.id} GROUP BY range_id
    )
    SELECT r.id AS item_id, r.policy_type, r.graph_id, r.display_name, r.sha256
    FROM item_ranges r
    LEFT JOIN there v ON v.range_id = r.id
    JOIN begins b ON b.id > r.from_set_id
    WHERE r.backup_schedule_id = ${set.backup_schedule_id} AND r.from_set_id <= ${set.id} AND r.until_set_id > ${set.id}
      AND volatile_key(r.id, b.id) # coalesce(volatile_key(r.id, v.from_set_id), 0) = ${difference}
    LIMIT 1`;
}
