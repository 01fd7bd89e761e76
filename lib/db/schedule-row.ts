import { AppError } from "#lib/errors";
import type { BackupSchedule } from "./generated/client.ts";
import type { Tx } from "./transaction.ts";

/**
 * The live schedule with this id, its row locked until the end of the transaction. Dispatch, Run now, edits
 * and the end of a run all take this lock first, so none of them acts on what another is changing. What it decides on
 * is read by a second statement, which sees what was committed while this one waited.
 * @throws AppError NOT_FOUND when it does not exist, was deleted, or belongs to another tenant.
 */
export async function lockSchedule(db: Tx, scheduleId: number): Promise<BackupSchedule> {
  await db.$queryRaw`SELECT id FROM backup_schedules WHERE id = ${scheduleId} FOR UPDATE`;
  return findSchedule(db, scheduleId);
}

/**
 * Locks the row of a run's schedule, also of a deleted one. Whoever ends a run does this before locking the run: two
 * transactions never hold the one and wait for the other.
 */
export async function lockScheduleOfRun(db: Tx, runId: number): Promise<void> {
  // A run never changes its schedule, so nothing that this reads beside the lock can be old.
  await db.$queryRaw`
    SELECT s.id FROM backup_schedules s JOIN backup_schedule_runs r ON r.backup_schedule_id = s.id
    WHERE r.id = ${runId} FOR UPDATE OF s`;
}

/** The live schedule with this id. @throws AppError NOT_FOUND as {@link lockSchedule} */
export async function findSchedule(db: Tx, scheduleId: number): Promise<BackupSchedule> {
  const schedule = await db.backupSchedule.findFirst({ where: { id: scheduleId, deleted_at: null } });
  if (!schedule) throw scheduleNotFound();
  return schedule;
}

/** The answer for a schedule that is not there for this tenant. */
export function scheduleNotFound(): AppError {
  return new AppError("NOT_FOUND", "There is no such backup schedule in this tenant.");
}
