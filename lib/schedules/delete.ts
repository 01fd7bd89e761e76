import { z } from "zod";
import { idListSchema, idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { lockSchedule } from "./find.ts";

/**
 * Deletes a schedule: it is never due again and leaves the lists. Its runs and backup sets stay, and a run
 * that is active ends as it would.
 * @throws AppError NOT_FOUND
 */
export const deleteSchedule = operation({
  name: "schedule.delete",
  permission: "schedule:write",
  effect: "write",
  input: z.strictObject({ schedule_id: idSchema }),
  async run({ db, now, audit, tenant }, { schedule_id }) {
    const schedule = await lockSchedule(db, schedule_id);
    await db.backupSchedule.update({
      where: { tenant_id_id: { tenant_id: schedule.tenant_id, id: schedule.id } },
      data: {
        deleted_at: now,
        is_enabled: false,
        next_run_at: null,
        version: { increment: 1 },
        updated_at: now,
      },
    });
    audit({
      action: "schedule.deleted",
      target: { kind: "schedule", id: schedule.id },
      details: { name: schedule.name },
    });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "schedule", id: schedule.id }]);
  },
});

/**
 * Deletes several schedules, as deleteSchedule does each.
 * @returns the ids that were deleted; ids that are not a live schedule of this tenant are left out.
 */
export const deleteSchedules = operation({
  name: "schedule.delete_many",
  permission: "schedule:write",
  effect: "write",
  input: z.strictObject({ schedule_ids: idListSchema }),
  async run({ db, tenant, audit, unchanged }, { schedule_ids }) {
    const deleted = await db.$queryRaw<{ id: number; name: string }[]>`
      UPDATE backup_schedules
      SET deleted_at = now(), is_enabled = false, next_run_at = NULL, version = version + 1, updated_at = now()
      WHERE id = ANY(${schedule_ids}::int[]) AND deleted_at IS NULL
      RETURNING id, name`;
    for (const schedule of deleted) {
      audit({
        action: "schedule.deleted",
        target: { kind: "schedule", id: schedule.id },
        details: { name: schedule.name },
      });
    }
    if (deleted.length === 0) unchanged();
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "schedule", id: null }]);
    return { deleted: deleted.map((schedule) => schedule.id) };
  },
});
