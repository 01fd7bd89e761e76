import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { bigIdSchema, idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { predecessorOf } from "#lib/sets/predecessor";
import { setNotFound } from "#lib/sets/sets";
import { id } from "#lib/view-fields";
import { comparedSet, comparisonOrder, joinOf, matchingCondition } from "./compare.ts";
import { comparisonFilter } from "./schema.ts";

const changedPolicyView = z.strictObject({ display_name: z.string(), left_item_id: id, right_item_id: id });

/** A changed policy: its item in the older set and in the newer one. */
export type ChangedPolicy = z.infer<typeof changedPolicyView>;

const placeView = z.strictObject({
  left_set_id: id.nullable().meta({ description: "The older set; null when there is none before" }),
  left_item_id: id
    .nullable()
    .meta({ description: "The same policy there; null when that set does not have it" }),
  position: z
    .int()
    .nullable()
    .meta({ description: "Counted from 1; null when the policy is not one of the changed" }),
  total: z.int(),
  previous: changedPolicyView.nullable(),
  next: changedPolicyView.nullable(),
});

/** Where a policy stands among those that changed between two sets. */
export type ComparisonPlace = z.infer<typeof placeView>;

/**
 * Finds a policy of a newer set in an older one (without `with_set_id`: the one before in the same schedule), and its
 * neighbors among the changed policies in the order of the comparison's list, filtered as that.
 * @throws AppError NOT_FOUND for a set that is not there
 */
export const placeInComparison = operation({
  name: "compare.place",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({
    set_id: idSchema,
    item_id: bigIdSchema,
    with_set_id: idSchema.optional(),
    policy_type: comparisonFilter.policy_type,
    search: comparisonFilter.search,
  }),
  output: placeView,
  async run({ db }, { set_id, item_id, with_set_id, ...filter }) {
    const right = await comparedSet(db, set_id);
    if (!right) throw setNotFound();
    const left_set_id = with_set_id ?? (await predecessorOf(db, right.set));
    if (left_set_id === null) return { ...nowhere, left_set_id };
    const left = await comparedSet(db, left_set_id);
    if (!left) throw setNotFound();
    const joined = joinOf(left, right);
    const [counterpart] = await db.$queryRaw<{ id: bigint }[]>`
      SELECT l.id FROM backup_items r JOIN backup_items l USING (policy_type, graph_id)
      WHERE r.backup_set_id = ${set_id} AND r.id = ${item_id} AND l.backup_set_id = ${left_set_id}`;
    const neighbor = (of: "lag" | "lead") => Prisma.sql`
      ${Prisma.raw(of)}(json_build_object('display_name', display_name, 'left_item_id', left_id, 'right_item_id', right_id)) OVER places`;
    const [place] = await db.$queryRaw<Omit<ComparisonPlace, "left_set_id" | "left_item_id">[]>`
      SELECT position, total, previous, next FROM (
        SELECT right_id, (row_number() OVER places)::int AS position, (count(*) OVER ())::int AS total,
               ${neighbor("lag")} AS previous, ${neighbor("lead")} AS next
        FROM (${joined}) j WHERE change = 'changed' AND ${matchingCondition(filter)}
        WINDOW places AS (ORDER BY ${comparisonOrder})
      ) p WHERE right_id = ${item_id}`;
    return {
      ...nowhere,
      ...place,
      left_set_id,
      left_item_id: counterpart ? Number(counterpart.id) : null,
    };
  },
});

const nowhere = { left_item_id: null, position: null, total: 0, previous: null, next: null };
