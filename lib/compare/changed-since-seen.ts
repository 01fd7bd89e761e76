import { z } from "zod";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { sinceLastSeen } from "#lib/sets/caught-up";
import { id } from "#lib/view-fields";
import { comparisonOrder } from "./compare.ts";
import { policiesMost } from "./lines-in-words.ts";

const pairView = z.strictObject({
  name: z.string(),
  item_id: id,
  with_set_id: id.meta({ description: "The last set that has it as it was" }),
  with_item_id: id,
});

/** A policy of a set, and what it was before. */
export type ChangedPair = z.infer<typeof pairView>;

/**
 * The policies that a set lacks and that a later one has otherwise than they were last seen before that.
 * @returns the first of them in the order of comparisons, as many as a message tells, and how many there are
 */
export const changedSinceSeen = operation({
  name: "compare.changed_since_seen",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({
    set_id: idSchema.meta({ description: "The later set" }),
    lacking: z.strictObject({ id: idSchema, backup_schedule_id: idSchema }),
    before: z
      .strictObject({ set_id: idSchema, policy_types: z.array(z.string()) })
      .meta({ description: "The set that captured these types whole (lib/sets/whole-before.ts)" }),
  }),
  output: z.strictObject({ count: z.int(), pairs: z.array(pairView) }),
  async run({ db, tenant }, { set_id, lacking, before }) {
    const rows = await db.$queryRaw<
      { name: string; item_id: bigint; with_set_id: number; with_item_id: bigint; count: number }[]
    >`
      SELECT display_name AS name, new_id AS item_id, old_id AS with_item_id, (
               SELECT max(b.id) FROM backup_sets b
               WHERE b.backup_schedule_id = ${lacking.backup_schedule_id} AND b.id < changed.old_until) AS with_set_id,
             (count(*) OVER ())::int AS count
      FROM (
        SELECT r.kind::text AS kind, seen.policy_type, seen.graph_id, r.display_name, seen.new_id, seen.old_id, seen.old_until
        FROM (${sinceLastSeen(lacking, set_id, before)}) seen
        JOIN item_ranges r ON r.tenant_id = ${tenant.id} AND r.id = seen.new_id
        WHERE NOT seen.is_same) changed
      ORDER BY ${comparisonOrder} LIMIT ${policiesMost}`;
    return {
      count: rows[0]?.count ?? 0,
      pairs: rows.map(({ name, item_id, with_set_id, with_item_id }) => ({
        name,
        item_id: Number(item_id),
        with_set_id,
        with_item_id: Number(with_item_id),
      })),
    };
  },
});
