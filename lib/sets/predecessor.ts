import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";

/**
 * The predecessor of a set, in SQL: the id of the newest kept set of the same schedule that is older, or null. It is what a
 * set is compared with unless another one is named. What `predecessor_of_set` of the migration "set_rules" says, but planned
 * with the statement: a function is begun anew for each row of a list.
 */
export function predecessorSql(scheduleId: Prisma.Sql, setId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    (SELECT before.id FROM backup_sets before
     WHERE before.backup_schedule_id = ${scheduleId} AND before.id < ${setId} AND before.deleted_at IS NULL
     ORDER BY before.id DESC LIMIT 1)`;
}

/** The id of a set's predecessor; null when it has none. */
export async function predecessorOf(
  db: Tx,
  set: { id: number; backup_schedule_id: number },
): Promise<number | null> {
  const [row] = await db.$queryRaw<{ id: number | null }[]>`
    SELECT ${predecessorSql(Prisma.sql`${set.backup_schedule_id}::int`, Prisma.sql`${set.id}::int`)} AS id`;
  return row?.id ?? null;
}
