import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { platformOperation } from "#lib/operation";

/** Rows that one tick folds at most: more than runs end in a minute anywhere. */
const foldBatch = 50_000;

const isFoldable = Prisma.sql`NOT is_folded AND quarter < now() - interval '75 min'`;

/** Whether there is anything to sum up. */
export const countsAreFoldable = Prisma.sql`EXISTS (SELECT FROM run_counts WHERE ${isFoldable})`;

/**
 * Sums up what ended runs have appended to `run_counts`, to one row for each tenant and quarter of an hour. It begins an
 * hour after the quarter: by then nearly all of its runs are in. One that comes later is folded later, beside the first
 * sum; several rows of a quarter are as right as one.
 *
 * One statement takes the rows and writes their sum, so no sum that anybody reads ever changes by it. Of two that would
 * fold at once, the second leaves it to the first: neither waits for the other's rows.
 * @returns how many rows were taken; none when nothing is left to fold, or somebody else folds
 */
export const foldRunCounts = platformOperation({
  name: "run.fold_counts",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.int(),
  async run({ db }) {
    const [lock] = await db.$queryRaw<{ mine: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtext('tenantpilot.fold_run_counts')) AS mine`;
    if (!lock?.mine) return 0;
    const rows = await db.$queryRaw<{ taken: number }[]>`
      WITH taken AS (
        DELETE FROM run_counts WHERE id IN (
          SELECT id FROM run_counts WHERE ${isFoldable}
          ORDER BY quarter LIMIT ${foldBatch})
        RETURNING *
      ), folded AS (
        INSERT INTO run_counts (tenant_id, quarter, is_folded, success, partial, failed, canceled, skipped, added,
                                changed, removed)
        SELECT tenant_id, quarter, true, sum(success), sum(partial), sum(failed), sum(canceled), sum(skipped),
               sum(added), sum(changed), sum(removed)
        FROM taken GROUP BY tenant_id, quarter ORDER BY tenant_id, quarter
      )
      SELECT count(*)::int AS taken FROM taken`;
    return rows[0]?.taken ?? 0;
  },
});
