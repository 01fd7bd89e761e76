import { z } from "zod";
import { type Alert, raiseAlerts } from "#lib/alerts/raise";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { overdueMinutes } from "#lib/limits";
import { platformOperation } from "#lib/operation";
import { ofLiveTenants } from "./due.ts";

/** So many incidents one tick opens, or closes, at most; the next minute's goes on. */
const most = 2_000;
/** A run may have begun for so long before the incident that it ends was written. */
const writingSeconds = 10;
/** So many skipped runs in a row are told. */
export const skippedInARow = 3;
/** Among so many of the newest runs of a schedule is the one that began since, and is not active any more. */
const newestLooked = 10;

/** Before that, what was due is late. @param at ISO instant in place of the database's clock */
function lateBefore(at: string | null): Prisma.Sql {
  return Prisma.sql`coalesce(${at}::timestamptz, now()) - make_interval(mins => ${overdueMinutes})`;
}
/** Of a run that nobody has begun. Said as its index has it (migration "alert_indexes"). */
const waits = Prisma.sql`finished_at IS NULL AND started_at IS NULL`;
/** The incidents that are opened and closed here. Said as their index has it (migration "alert_indexes"). */
const isWatched = Prisma.sql`closed_at IS NULL AND kind IN ('backup.overdue', 'run.skipped')`;
/** As its index has it (migration "skipped_schedules"). */
const isSkipped = Prisma.sql`last_run_status = 'skipped' AND is_enabled AND deleted_at IS NULL`;

/** Whether any schedule is late or skipped, or was and has an incident open. @param at as of `watchSchedules` */
export function schedulesAreWatched(at: string | null): Prisma.Sql {
  return Prisma.sql`
    EXISTS (SELECT FROM backup_schedules WHERE next_run_at < ${lateBefore(at)} AND ${ofLiveTenants})
    OR EXISTS (SELECT FROM backup_schedule_runs WHERE ${waits} AND greatest(scheduled_for, created_at) < ${lateBefore(at)})
    OR EXISTS (SELECT FROM backup_schedules WHERE ${isSkipped})
    OR EXISTS (SELECT FROM incidents WHERE ${isWatched})`;
}

/**
 * Finds schedules whose backup is overdue, and those that are skipped again and again; opens an incident for each that has
 * none, and closes those that are over. Before dispatch: what was due while no dispatcher was there is then still due.
 *
 * It asks what is due and has not begun, so it finds a run that never was as well. All of it is a handful of statements
 * that begin with the few that are due, active or open.
 * @returns how many incidents it opened and closed
 */
export const watchSchedules = platformOperation({
  name: "schedule.watch",
  permission: "dispatch:tick",
  input: z.strictObject({ at: z.iso.datetime().optional() }),
  output: z.strictObject({ opened: z.int(), closed: z.int() }),
  timeoutMs: 60_000,
  async run({ db }, { at }) {
    const opened = [...(await overdue(db, at ?? null)), ...(await skipped(db))];
    await raiseAlerts(db, opened);
    const closed = await over(db);
    await raiseAlerts(db, closed);
    return { opened: opened.length, closed: closed.length };
  },
});

interface Found {
  tenant_id: number;
  schedule_id: number;
  name: string;
  since: Date;
}

/** Due, and not dispatched; or dispatched, and not taken up by any worker. */
async function overdue(db: Tx, at: string | null): Promise<Alert[]> {
  const found = await db.$queryRaw<Found[]>`
    WITH late AS (
      SELECT id AS schedule_id, next_run_at AS since FROM backup_schedules
      WHERE next_run_at < ${lateBefore(at)}
      UNION ALL
      SELECT backup_schedule_id, greatest(scheduled_for, created_at) FROM backup_schedule_runs
      WHERE ${waits} AND greatest(scheduled_for, created_at) < ${lateBefore(at)}
    )
    SELECT s.tenant_id, s.id AS schedule_id, s.name, min(late.since) AS since
    FROM late JOIN backup_schedules s ON s.id = late.schedule_id JOIN tenants t ON t.id = s.tenant_id
    WHERE s.deleted_at IS NULL AND t.archived_at IS NULL AND NOT EXISTS (
      SELECT FROM incidents i
      WHERE i.tenant_id = s.tenant_id AND i.cause = 'schedule:' || s.id || ':overdue' AND i.closed_at IS NULL)
    GROUP BY s.tenant_id, s.id, s.name ORDER BY since LIMIT ${most}`;
  return found.map(({ tenant_id, schedule_id, name, since }) => ({
    kind: "backup.overdue",
    cause: `schedule:${schedule_id}:overdue`,
    tenant_id,
    schedule_id,
    title: "Backup overdue",
    body: `"${name}" was due at ${since.toISOString()}, and no run has begun. See whether a worker is running.`,
    link: `/tenants/${tenant_id}/backup-schedules/${schedule_id}`,
    data: { schedule_id, schedule_name: name, due_at: since.toISOString() },
  }));
}

/** Schedules whose last runs were all skipped. Those that were skipped last alone are looked at. */
async function skipped(db: Tx): Promise<Alert[]> {
  const found = await db.$queryRaw<Found[]>`
    SELECT s.tenant_id, s.id AS schedule_id, s.name, last.since
    FROM (SELECT * FROM backup_schedules WHERE ${isSkipped}) s JOIN tenants t ON t.id = s.tenant_id
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE r.status = 'skipped') AS skipped, min(r.scheduled_for) AS since FROM (
        SELECT status, scheduled_for FROM backup_schedule_runs WHERE backup_schedule_id = s.id
        ORDER BY id DESC LIMIT ${skippedInARow}) r
    ) last
    WHERE t.archived_at IS NULL
      AND last.skipped = ${skippedInARow} AND NOT EXISTS (
        SELECT FROM incidents i
        WHERE i.tenant_id = s.tenant_id AND i.cause = 'schedule:' || s.id || ':skipped' AND i.closed_at IS NULL)
    ORDER BY s.id LIMIT ${most}`;
  return found.map(({ tenant_id, schedule_id, name, since }) => ({
    kind: "run.skipped",
    cause: `schedule:${schedule_id}:skipped`,
    tenant_id,
    schedule_id,
    title: "Backups skipped",
    body: `The last ${skippedInARow} runs of "${name}" were skipped, the first of them due at ${since.toISOString()}.`,
    link: `/tenants/${tenant_id}/backup-schedules/${schedule_id}`,
    data: { schedule_id, schedule_name: name, since: since.toISOString() },
  }));
}

/**
 * A run has begun since, and where runs were skipped it has ended otherwise; or nothing is due any more, because somebody disabled
 * the schedule or archived the tenant. A run whose types are all unlicensed or unknown begins too, and is skipped.
 */
async function over(db: Tx): Promise<Alert[]> {
  const found = await db.$queryRaw<(Omit<Found, "since"> & { kind: string })[]>`
    SELECT i.tenant_id, i.schedule_id, s.name, i.kind
    FROM (SELECT * FROM incidents WHERE ${isWatched}) i
    JOIN backup_schedules s ON s.tenant_id = i.tenant_id AND s.id = i.schedule_id
    JOIN tenants t ON t.id = i.tenant_id
    WHERE s.deleted_at IS NOT NULL OR NOT s.is_enabled OR t.archived_at IS NOT NULL
      OR EXISTS (
        -- Of the newest, and of the one that is active, which may be older: not of the whole history.
        SELECT FROM (
          (SELECT started_at, status FROM backup_schedule_runs WHERE backup_schedule_id = s.id
           ORDER BY id DESC LIMIT ${newestLooked})
          UNION ALL
          SELECT started_at, status FROM backup_schedule_runs WHERE backup_schedule_id = s.id AND status = 'running') r
        -- It may have begun while the incident was being written.
        WHERE r.started_at >= i.opened_at - make_interval(secs => ${writingSeconds})
          AND (i.kind <> 'run.skipped' OR r.status NOT IN ('running', 'skipped')))
    ORDER BY i.id LIMIT ${most}`;
  return found.map(({ tenant_id, schedule_id, name, kind }) => {
    const common = {
      tenant_id,
      schedule_id,
      link: `/tenants/${tenant_id}/backup-schedules/${schedule_id}`,
      data: { schedule_id, schedule_name: name },
    };
    return kind === "backup.overdue"
      ? {
          ...common,
          kind: "backup.begun",
          cause: `schedule:${schedule_id}:overdue`,
          title: "Backup overdue no more",
          body: `"${name}" is not overdue any more.`,
        }
      : {
          ...common,
          kind: "run.not_skipped",
          cause: `schedule:${schedule_id}:skipped`,
          title: "Backups not skipped any more",
          body: `"${name}" is not skipped any more.`,
        };
  });
}
