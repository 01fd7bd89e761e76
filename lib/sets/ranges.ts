import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";

/**
 * How a set's items are stored: as ranges over the sets of its schedule (migration "item_ranges"). A set holds the ranges that
 * begin with it or before, and end after it. That is a condition on numbers because the ids of a schedule's sets ascend: a set
 * gets its id under the lock of its schedule, in the transaction that writes it.
 */

/** Stands for the end of a range that is open. */
export const openEnd = 2_147_483_647;

/** The ranges of a schedule that the newest set holds, as a condition on `r`. */
export function isOpen(scheduleId: number): Prisma.Sql {
  return Prisma.sql`r.backup_schedule_id = ${scheduleId} AND r.until_set_id = ${openEnd}`;
}

/** The volatile fields that a range `r` has now, as a join that gives `v`: null while it has those that it began with. */
export const newestVolatile = Prisma.sql`LEFT JOIN LATERAL volatile_of(r, ${openEnd}) v ON true`;

/** Which volatile fields of a schedule's ranges moved, and with which sets: `range_id`, `from_set_id`. */
export function movedVolatiles(scheduleId: number): Prisma.Sql {
  return Prisma.sql`
    SELECT n.range_id, n.from_set_id FROM item_volatiles n JOIN item_ranges i ON i.tenant_id = n.tenant_id AND i.id = n.range_id
    WHERE i.backup_schedule_id = ${scheduleId}
    UNION ALL
    SELECT m.shelf * 512 + place, m.from_set_id FROM moved_volatiles m, unnest(m.places) place
    WHERE m.backup_schedule_id = ${scheduleId}`;
}

/**
 * Whether a range `r` is whole and says of an item `g` all that it says itself, but for the volatile fields. One that is
 * damaged does not: it ends, and the next set gets one that is whole.
 */
export const saysTheSame = Prisma.sql`
  r.kind = g.kind AND r.display_name = g.display_name AND r.sha256 = g.sha256
  AND r.children IN (g.children, short_json(g.children)) AND r.notes = g.notes AND r.seal = item_range_seal(r)`;

/** The same of the volatile fields, with `newestVolatile`. */
export const hasSameVolatile = Prisma.sql`coalesce(v.volatile, long_json(r.volatile)) = g.volatile AND coalesce(v.is_sealed, true)`;

/** What an attempt has found: policy_type, graph_id, display_name and sha256 of each item, staged or seen unchanged. */
export function itemsOfAttempt(runId: number, attempt: number): Prisma.Sql {
  return Prisma.sql`
    SELECT policy_type, graph_id, display_name, sha256 FROM staged_items
    WHERE run_id = ${runId} AND attempt = ${attempt}
    UNION ALL
    SELECT r.policy_type, r.graph_id, r.display_name, r.sha256
    FROM (SELECT DISTINCT unnest(range_ids) AS id FROM staged_seen
          WHERE run_id = ${runId} AND attempt = ${attempt}) s
    JOIN item_ranges r USING (id)
    WHERE NOT EXISTS (SELECT FROM staged_items i
                      WHERE i.run_id = ${runId} AND i.policy_type = r.policy_type AND i.graph_id = r.graph_id)`;
}

/**
 * Holds a schedule's ranges until the end of the transaction: no set of it is written while the purge removes what no set is
 * left in, and the other way around.
 */
export async function lockRanges(db: Tx, scheduleIds: readonly number[]): Promise<void> {
  await db.$queryRaw`
    SELECT pg_advisory_xact_lock(hashtextextended('tenantpilot.ranges', id))::text
    FROM unnest(${[...scheduleIds].sort((a, b) => a - b)}::int[]) AS id`;
}
