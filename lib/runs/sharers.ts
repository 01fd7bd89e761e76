import { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import type { Sharers } from "#lib/graph/limiter";

/** Without a report for this long, a process is taken for dead, and its part of Graph's budget is the others'. */
const quietSeconds = 15;

export const sharersView = z.strictObject({
  processes: z.array(z.string()),
  at: z.number().meta({ description: "When that was by the database's clock, in milliseconds" }),
}) satisfies z.ZodType<Sharers>;

/** The processes that work on runs of a tenant at this moment, by the database's clock. */
export async function sharersOf(db: Tx, tenantId: number): Promise<z.infer<typeof sharersView>> {
  const [row] = await db.$queryRaw<{ processes: string[]; at: Date }[]>`
    SELECT coalesce(array_agg(DISTINCT worker::text ORDER BY worker::text), '{}') AS processes, clock_timestamp() AS at
    FROM backup_schedule_runs
    WHERE tenant_id = ${tenantId} AND status = 'running' AND worker IS NOT NULL
      AND heartbeat_at > now() - make_interval(secs => ${quietSeconds})`;
  return { processes: row?.processes ?? [], at: row?.at.getTime() ?? 0 };
}
