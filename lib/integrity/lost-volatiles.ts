import type { BackupSet } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import type { VerifyFault } from "#lib/sets/schema";

interface ShownVolatiles {
  parity: bigint;
  recorded: bigint;
}

/**
 * The items of a set that have lost the volatile fields which they had in it. The set knows the XOR over the keys of
 * all such rows; the lost one is looked for among the items and the sets with which theirs may have begun.
 */
export async function findLostVolatiles(
  db: Tx,
  set: Pick<BackupSet, "id" | "backup_schedule_id" | "volatile_parity">,
): Promise<VerifyFault[]> {
  const [found] = await db.$queryRaw<ShownVolatiles[]>`
    SELECT coalesce(bit_xor(volatile_key(range_id, from_set_id)), 0) AS parity,
           coalesce(('x' || ${set.volatile_parity})::bit(64)::bigint, 0) AS recorded
    FROM (SELECT v.range_id, max(v.from_set_id) AS from_set_id
          FROM item_volatiles v JOIN item_ranges r ON r.tenant_id = v.tenant_id AND r.id = v.range_id
          WHERE r.backup_schedule_id = ${set.backup_schedule_id} AND r.from_set_id <= ${set.id}
            AND r.until_set_id > ${set.id} AND v.from_set_id <= ${set.id}
          GROUP BY v.range_id) shown`;
  if (!found || found.parity === found.recorded) return [];
  const difference = found.parity ^ found.recorded;
  const [item] = await db.$queryRaw<
    { item_id: bigint; policy_type: string; graph_id: string; display_name: string; sha256: string }[]
  >`
    WITH begins AS (
      SELECT id FROM backup_sets WHERE backup_schedule_id = ${set.backup_schedule_id} AND id <= ${set.id}
      UNION
      SELECT from_set_id FROM item_ranges WHERE backup_schedule_id = ${set.backup_schedule_id} AND from_set_id <= ${set.id}
    )
    SELECT r.id AS item_id, r.policy_type, r.graph_id, r.display_name, r.sha256
    FROM item_ranges r
    LEFT JOIN LATERAL (SELECT max(v.from_set_id) AS from_set_id FROM item_volatiles v
                       WHERE v.tenant_id = r.tenant_id AND v.range_id = r.id AND v.from_set_id <= ${set.id}) v ON true
    JOIN begins b ON b.id > r.from_set_id
    WHERE r.backup_schedule_id = ${set.backup_schedule_id} AND r.from_set_id <= ${set.id} AND r.until_set_id > ${set.id}
      AND volatile_key(r.id, b.id) # coalesce(volatile_key(r.id, v.from_set_id), 0) = ${difference}
    LIMIT 1`;
  if (!item) {
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
  return [
    {
      problem: "item_damaged",
      message: `Fields beside "${item.display_name}", such as when it was changed last, are no longer in the set.`,
      ...item,
      item_id: Number(item.item_id),
    },
  ];
}
