import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { id } from "#lib/view-fields";

/** A schedule to filter the run history by. */
const scheduleChoiceView = z.strictObject({ id, name: z.string(), is_deleted: z.boolean() });
export type ScheduleChoice = z.infer<typeof scheduleChoiceView>;

/** So many are offered at a time. */
const offered = 30;
/** All that the rules of a tenant can name: 200 rules of 200 schedules each. */
const namedMost = 40_000;

/**
 * Schedules of the tenant whose names contain `search`, live ones first, by name; deleted ones have a run history too.
 * With `id` only that one. At most 30; with `ids` those, all of them.
 */
export const scheduleChoices = operation({
  name: "run.schedule_choices",
  permission: "run:view",
  effect: "read",
  input: z.strictObject({
    search: z.string().trim().max(200).optional(),
    id: idSchema.optional(),
    ids: z.array(idSchema).max(namedMost).optional(),
  }),
  output: z.array(scheduleChoiceView),
  async run({ db }, { search, id: only, ids }) {
    const conditions = [Prisma.sql`true`];
    if (only !== undefined) conditions.push(Prisma.sql`id = ${only}`);
    if (ids) conditions.push(Prisma.sql`id = ANY(${ids})`);
    if (search) conditions.push(Prisma.sql`name ILIKE ${containing(search)}`);
    return db.$queryRaw<ScheduleChoice[]>`
      SELECT id, name, deleted_at IS NOT NULL AND origin = 'people' AS is_deleted FROM backup_schedules
      WHERE ${Prisma.join(conditions, " AND ")}
      ORDER BY deleted_at IS NOT NULL, lower(name), id LIMIT ${ids ? ids.length : offered}`;
  },
});
