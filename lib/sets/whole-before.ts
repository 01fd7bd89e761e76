import type { Tx } from "#lib/db/transaction";

/** A set, and the policy types that it captured as a whole and the ones after it did not. */
export interface WholeBefore {
  set_id: number;
  policy_types: string[];
}

/** So many sets are looked through: of a schedule that runs nightly, a month. */
const setsLookedThrough = 31;

/**
 * Where policy types were captured as a whole that a set lacks or has a part of. Each set is compared with the one before it, and
 * what that one could not read is neither new nor gone: what became of it meanwhile is known from the set that read it whole.
 *
 * Sets of another revision of the catalog are left out: what that reads more or less of a policy is nobody's change, and is known
 * only of neighbors. What went to the bin since the newer set was made is not: the last complete set of before is kept until there
 * is another one, and what the run has compared is told after that.
 * @param lacking the set that did not capture the types as a whole
 * @param newerId the set that is compared with it
 * @returns for each type the newest set of the schedule before that, of those that were kept then, among the last 31; the newest
 *   sets first. A type that none of them captured is not in it.
 */
export function wholeBefore(
  db: Tx,
  lacking: { id: number; backup_schedule_id: number },
  newerId: number,
  policyTypes: readonly string[],
): Promise<WholeBefore[]> {
  return db.$queryRaw<WholeBefore[]>`
    WITH looked AS MATERIALIZED (
      SELECT id, manifest -> 'types' AS types FROM backup_sets
      WHERE backup_schedule_id = ${lacking.backup_schedule_id} AND id < ${lacking.id}
        AND (deleted_at IS NULL OR deleted_at > (SELECT created_at FROM backup_sets WHERE id = ${newerId}))
        AND coalesce(manifest ->> 'catalog_revision', '1') = (
          SELECT coalesce(manifest ->> 'catalog_revision', '1') FROM backup_sets WHERE id = ${newerId})
      ORDER BY id DESC LIMIT ${setsLookedThrough}
    )
    SELECT newest.id AS set_id, array_agg(t.policy_type ORDER BY t.policy_type COLLATE "C") AS policy_types
    FROM unnest(${[...policyTypes]}::text[]) AS t(policy_type)
    CROSS JOIN LATERAL (
      SELECT id FROM looked WHERE captured_whole(looked.types -> t.policy_type) ORDER BY id DESC LIMIT 1) newest
    GROUP BY newest.id ORDER BY newest.id DESC`;
}
