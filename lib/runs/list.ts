import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { scheduleNotFound } from "#lib/db/schedule-row";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { cursorRefused, decodeIdCursor, pageFields, toPage } from "#lib/pagination";
import { pageOf } from "#lib/view-fields";
import { presentRunWithContext } from "./present.ts";
import { type RunStateFilter, runFilterSchema } from "./schema.ts";
import { runInListView } from "./views.ts";

const inputSchema = z.strictObject({
  ...pageFields,
  ...runFilterSchema,
  schedule_id: idSchema.optional().meta({ description: "Of this schedule, deleted or not" }),
});
type Filter = z.output<typeof inputSchema>;

/**
 * The tenant's runs, newest first: of one schedule or of all, filtered, a page at a time. With `from` or `to` they come
 * by when they were due, latest first. A deleted schedule's runs are listed as well; only an id that never was a
 * schedule of this tenant is refused.
 * @throws AppError NOT_FOUND for such a `schedule_id`; VALIDATION_FAILED for a cursor that is no run of the tenant.
 */
export const listRuns = operation({
  name: "run.list",
  permission: "run:view",
  effect: "read",
  input: inputSchema,
  output: pageOf(runInListView),
  http: [
    {
      method: "GET",
      path: "/tenants/{tenantId}/runs",
      operationId: "listRuns",
      summary: "List runs of all schedules of a tenant",
      tag: "Runs",
      answer: "Newest first",
      paged: true,
    },
    {
      method: "GET",
      path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/runs",
      operationId: "listScheduleRuns",
      summary: "List runs for a schedule",
      description: "Also of a deleted schedule.",
      tag: "Runs",
      answer: "Newest first",
      paged: true,
    },
  ],
  async run({ db }, filter) {
    const { limit, schedule_id } = filter;
    if (
      schedule_id !== undefined &&
      !(await db.backupSchedule.findFirst({ where: { id: schedule_id }, select: { id: true } }))
    ) {
      throw scheduleNotFound();
    }
    const before = decodeIdCursor(filter.cursor);
    if (
      before !== null &&
      !(await db.backupScheduleRun.findFirst({ where: { id: before }, select: { id: true } }))
    ) {
      throw cursorRefused();
    }
    const found = await db.$queryRaw<ListedRun[]>(pageWithNames(filter, before));
    const rows = await db.backupScheduleRun.findMany({
      where: { id: { in: found.map((run) => run.id) } },
      // Long in some tenants, and shown of one run alone.
      omit: { policy_types: true, attempt_log: true },
    });
    const rowOf = new Map(rows.map((row) => [row.id, row]));
    return toPage(
      found.flatMap(({ id, schedule_name, requested_by_name }) => {
        const row = rowOf.get(id);
        return row ? [{ ...row, schedule: { name: schedule_name }, requested_by_name }] : [];
      }),
      limit,
      (row) => presentRunWithContext(row, row.requested_by_name),
    );
  },
});

/** A run of a page, with the names that its row does not hold. */
interface ListedRun {
  id: number;
  schedule_name: string;
  requested_by_name: string | null;
}

/** The runs of a page and one more, in the page's order. */
function pageWithNames(filter: Filter, before: number | null): Prisma.Sql {
  return Prisma.sql`
    SELECT page.id, s.name AS schedule_name, u.name AS requested_by_name
    FROM (${pageOfIds(filter, before)}) page
    JOIN backup_schedule_runs r ON r.id = page.id
    JOIN backup_schedules s ON s.id = r.backup_schedule_id
    LEFT JOIN users u ON u.id = r.requested_by
    ORDER BY ${orderOf(filter)}`;
}

function isByDue({ from, to }: Filter): boolean {
  return from !== undefined || to !== undefined;
}

/** The order of runs that are called `r`. */
function orderOf(filter: Filter): Prisma.Sql {
  return isByDue(filter) ? Prisma.sql`r.scheduled_for DESC, r.id DESC` : Prisma.sql`r.id DESC`;
}

/**
 * The ids of a page and one more, in the page's order. Only ids, so that a filter which few of very many runs fit is
 * answered from the indexes alone (migrations "list_indexes" and "run_history").
 */
function pageOfIds(filter: Filter, before: number | null): Prisma.Sql {
  const { limit, status, trigger, schedule_id, from, to } = filter;
  const conditions = [Prisma.sql`true`];
  if (schedule_id !== undefined) conditions.push(Prisma.sql`backup_schedule_id = ${schedule_id}`);
  // Of closed lists, so they can stand in the statement itself: only then is a partial index for one value found.
  if (trigger) conditions.push(Prisma.raw(`trigger = '${trigger}'`));
  if (status === "queued") conditions.push(Prisma.sql`started_at IS NULL`);
  else if (status === "started") conditions.push(Prisma.sql`started_at IS NOT NULL`);
  else if (status && status !== "running") conditions.push(Prisma.raw(`status = '${status}'`));
  if (from !== undefined) conditions.push(Prisma.sql`scheduled_for >= ${new Date(from)}`);
  if (to !== undefined) conditions.push(Prisma.sql`scheduled_for < ${new Date(to)}`);
  if (before !== null) {
    conditions.push(
      isByDue(filter)
        ? // A run's row keeps its due time, so the last row seen is the whole cursor.
          Prisma.sql`(scheduled_for, id) < (SELECT scheduled_for, id FROM backup_schedule_runs WHERE id = ${before})`
        : Prisma.sql`id < ${before}`,
    );
  }
  return Prisma.sql`
    SELECT id FROM ${isActive(status) ? activeRuns : Prisma.sql`backup_schedule_runs`} r
    WHERE ${Prisma.join(conditions, " AND ")} ORDER BY ${orderOf(filter)} LIMIT ${limit + 1}`;
}

function isActive(status: RunStateFilter | undefined): boolean {
  return status === "running" || status === "queued" || status === "started";
}

/** OFFSET 0 keeps the planner from walking through all history for the few that are active. */
const activeRuns = Prisma.sql`(SELECT * FROM backup_schedule_runs WHERE status = 'running' OFFSET 0)`;
