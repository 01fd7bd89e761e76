import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { type WholeBefore, wholeBefore } from "./whole-before.ts";

/** A set that lacks policies which a later set of its schedule has read again. */
export interface LackingSet {
  id: number;
  backup_schedule_id: number;
}

/**
 * The policies that a set lacks, each as it was last seen before that since the set that captured all of their types, and as the
 * newer set has it, in SQL: so what a set between the two has told is not told again.
 *
 * A row has `policy_type` and `graph_id`; `old_id`, `old` (its hash) and `old_until` (the set in which it was not there any more or
 * otherwise), null where it was not seen; `new_id` and `new`, null where the newer set does not have it; and `is_same`, null where
 * one of the two is.
 * @param newerId the set that is compared with what was last seen; its ranges may be written in the same transaction
 */
export function sinceLastSeen(
  lacking: LackingSet,
  newerId: number,
  { set_id, policy_types }: WholeBefore,
): Prisma.Sql {
  const wasSeen = Prisma.sql`r.until_set_id <= ${lacking.id}`;
  const isThere = Prisma.sql`r.from_set_id <= ${newerId} AND r.until_set_id > ${newerId}`;
  return Prisma.sql`
    -- The function is called for what differs alone: it looks something up, and there may be tens of thousands of policies.
    SELECT policy_type, graph_id, old_id, old, old_until, new_id, new,
           CASE WHEN old = new THEN true ELSE same_policy(old, new) END AS is_same
    FROM (
      SELECT r.policy_type, r.graph_id,
             (array_agg(r.id ORDER BY r.until_set_id DESC) FILTER (WHERE ${wasSeen}))[1] AS old_id,
             (array_agg(r.sha256 ORDER BY r.until_set_id DESC) FILTER (WHERE ${wasSeen}))[1] AS old,
             max(r.until_set_id) FILTER (WHERE ${wasSeen}) AS old_until,
             max(r.id) FILTER (WHERE ${isThere}) AS new_id, max(r.sha256) FILTER (WHERE ${isThere}) AS new
      FROM item_ranges r
      WHERE r.backup_schedule_id = ${lacking.backup_schedule_id} AND r.until_set_id > ${set_id}
        AND r.policy_type = ANY(${[...policy_types]}::text[])
      GROUP BY r.policy_type, r.graph_id
      HAVING NOT bool_or(r.from_set_id <= ${lacking.id} AND r.until_set_id > ${lacking.id})) seen
    WHERE old IS NOT NULL OR new IS NOT NULL`;
}

/** A policy that the set before lacks and that has changed, is new or is gone. */
export interface CaughtUpPolicy {
  policy_type: string;
  graph_id: string;
  /** The set since which: in which it was last seen, or that knows that it was not there. */
  since_set_id: number;
}

/**
 * What of a set's changes is of policies that the set before lacks, as the set's run has counted it.
 * @param newerId the set whose changes these are
 */
export async function caughtUpPolicies(
  db: Tx,
  lacking: LackingSet,
  newerId: number,
): Promise<CaughtUpPolicy[]> {
  const [types] = await db.$queryRaw<{ unread: string[]; whole: string[] }[]>`
    WITH newer AS (
      SELECT type.key AS policy_type, captured_whole(type.value) AS is_whole
      FROM backup_sets b, jsonb_each(b.manifest -> 'types') type WHERE b.id = ${newerId}
    )
    SELECT ARRAY(SELECT policy_type FROM newer
                 EXCEPT SELECT type.key FROM backup_sets b, jsonb_each(b.manifest -> 'types') type
                        WHERE b.id = ${lacking.id} AND captured_whole(type.value)) AS unread,
           ARRAY(SELECT policy_type FROM newer WHERE is_whole) AS whole`;
  const found: CaughtUpPolicy[] = [];
  if (!types || types.unread.length === 0) return found;
  for (const before of await wholeBefore(db, lacking, newerId, types.unread)) {
    const rows = await db.$queryRaw<CaughtUpPolicy[]>`
      SELECT policy_type, graph_id, coalesce((
               SELECT max(b.id) FROM backup_sets b
               WHERE b.backup_schedule_id = ${lacking.backup_schedule_id} AND b.id < seen.old_until), ${before.set_id}::int) AS since_set_id
      FROM (${sinceLastSeen(lacking, newerId, before)}) seen
      WHERE old IS NULL OR NOT is_same OR (new IS NULL AND policy_type = ANY(${types.whole}::text[]))`;
    for (const row of rows) found.push(row);
  }
  return found;
}
