import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import type { Tx } from "#lib/db/transaction";
import { recentRuns } from "#lib/limits";
import { operation } from "#lib/operation";
import { type RunStatus, runStatuses } from "#lib/runs/schema";
import { id, instant } from "#lib/view-fields";
import { presentSchedule } from "./present.ts";
import { scheduleView } from "./views.ts";

export const scheduleSortColumns = ["name", "next_run_at", "last_run_at"] as const;

/** The state of the schedules table, as it stands in the page's URL. */
export const scheduleTableSchema = z.strictObject({
  search: z.string().trim().max(200).optional(),
  state: z.enum(["enabled", "disabled"]).optional(),
  last: z.enum(["success", "partial", "failed", "canceled", "skipped", "never"]).optional(),
  sort: z.enum(scheduleSortColumns).default("name"),
  direction: z.enum(["asc", "desc"]).default("asc"),
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(10).max(100).default(25),
});
export type ScheduleTableState = z.output<typeof scheduleTableSchema>;

const recentRunView = z.strictObject({ id, status: z.enum(runStatuses), scheduled_for: instant });

/** One of a schedule's latest runs, for its strip of ticks. */
export type RecentRun = z.infer<typeof recentRunView>;

const scheduleRowView = z.strictObject({
  ...scheduleView.shape,
  active_run_id: id.nullable(),
  retryable_run_id: id
    .nullable()
    .meta({ description: "The newest ended run, if it did not end in success: what Retry would repeat" }),
  recent_runs: z.array(recentRunView).max(recentRuns).meta({ description: "Newest first" }),
});

/** A row of the schedules table. */
export type ScheduleRow = z.infer<typeof scheduleRowView>;

/** A page of the schedules table: sorted, filtered and paged by the database. */
export const scheduleTable = operation({
  name: "schedule.table",
  permission: "schedule:view",
  effect: "read",
  input: scheduleTableSchema,
  output: z.strictObject({ rows: z.array(scheduleRowView), total: z.int(), unfiltered_total: z.int() }),
  async run({ db, tenant }, state) {
    const { ids, total, unfiltered_total } = await findPage(db, state);
    const schedules = await db.backupSchedule.findMany({ where: { id: { in: ids } } });
    const recent = await db.$queryRaw<
      { backup_schedule_id: number; id: number; status: RunStatus; scheduled_for: Date }[]
    >`
      SELECT r.backup_schedule_id, r.id, r.status::text AS status, r.scheduled_for
      FROM unnest(${ids}::int[]) AS s(id)
      CROSS JOIN LATERAL (
        SELECT * FROM backup_schedule_runs WHERE backup_schedule_id = s.id ORDER BY id DESC LIMIT ${recentRuns}
      ) r
      ORDER BY r.id DESC`;
    const byId = new Map(schedules.map((schedule) => [schedule.id, schedule]));
    const rows = ids.flatMap((scheduleId): ScheduleRow[] => {
      const schedule = byId.get(scheduleId);
      if (!schedule) return [];
      const runs = recent.filter((run) => run.backup_schedule_id === scheduleId);
      const active = runs.find((run) => run.status === "running");
      const ended = runs.find((run) => run.status !== "running");
      return [
        {
          ...presentSchedule(schedule, tenant),
          active_run_id: active?.id ?? null,
          retryable_run_id: ended && ended.status !== "success" && !active ? ended.id : null,
          recent_runs: runs.map(({ id, status, scheduled_for }) => ({
            id,
            status,
            scheduled_for: scheduled_for.toISOString(),
          })),
        },
      ];
    });
    return { rows, total, unfiltered_total };
  },
});

/** The ids of the page's schedules in their order, how many match, and how many there are: in one statement. */
async function findPage(
  db: Tx,
  state: ScheduleTableState,
): Promise<{ ids: number[]; total: number; unfiltered_total: number }> {
  const filters = [
    ...(state.search ? [Prisma.sql`name ILIKE ${containing(state.search)}`] : []),
    ...(state.state ? [Prisma.sql`is_enabled = ${state.state === "enabled"}`] : []),
    ...(state.last === "never" ? [Prisma.sql`last_run_status IS NULL`] : []),
    ...(state.last && state.last !== "never"
      ? [Prisma.sql`last_run_status = ${state.last}::run_status`]
      : []),
  ];
  const where = Prisma.join([Prisma.sql`deleted_at IS NULL`, ...filters], " AND ");
  const [found] = await db.$queryRaw<{ ids: number[]; total: number; unfiltered_total: number }[]>`
    WITH matching AS NOT MATERIALIZED (
      SELECT id, name, next_run_at, last_run_at FROM backup_schedules WHERE ${where}
    )
    SELECT ARRAY(SELECT id FROM matching ORDER BY ${orderOf(state)}
                 LIMIT ${state.size} OFFSET ${(state.page - 1) * state.size}) AS ids,
           (SELECT count(*)::int FROM matching) AS total,
           (SELECT count(*)::int FROM backup_schedules WHERE deleted_at IS NULL) AS unfiltered_total`;
  if (!found) throw new Error("a statement without FROM returns one row");
  return found;
}

/** Names in the order of the index live_schedules, either way; a schedule without the instant comes last, either way. */
function orderOf({ sort, direction }: ScheduleTableState): Prisma.Sql {
  const way = direction === "desc" ? "DESC" : "ASC";
  return Prisma.raw(sort === "name" ? `lower(name) ${way}, id ${way}` : `${sort} ${way} NULLS LAST, id`);
}
