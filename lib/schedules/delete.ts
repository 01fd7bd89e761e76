import { z } from "zod";
import { dropIncidentsOfSchedules } from "#lib/alerts/drop";
import { lockSchedule } from "#lib/db/schedule-row";
import { idListSchema, idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { notifyBulkChange } from "./bulk-notification.ts";

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
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}",
    operationId: "deleteBackupSchedule",
    summary: "Delete a schedule; its runs and backup sets stay",
    tag: "Backup schedules",
    status: 204,
    answer: "Deleted",
    ifMatch: true,
  },
  async run({ db, now, audit, tenant, requireVersion }, { schedule_id }) {
    const schedule = await lockSchedule(db, schedule_id);
    requireVersion(schedule.version);
    await db.backupSchedule.update({
      where: { tenant_id_id: { tenant_id: schedule.tenant_id, id: schedule.id } },
      data: {
        deleted_at: now,
        is_enabled: false,
        next_run_at: null,
        carried_nominal_at: null,
        version: { increment: 1 },
        updated_at: now,
      },
    });
    audit({
      action: "schedule.deleted",
      target: { kind: "schedule", id: schedule.id },
      details: { name: schedule.name },
    });
    await dropIncidentsOfSchedules(db, tenant.id, [schedule.id]);
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "schedule", id: schedule.id }]);
  },
});

/**
 * Deletes several schedules, as deleteSchedule does each. Who asked gets one notification of all.
 * @returns the ids that were deleted; ids that are not a live schedule of this tenant are left out.
 */
export const deleteSchedules = operation({
  name: "schedule.delete_many",
  permission: "schedule:write",
  effect: "write",
  input: z.strictObject({ schedule_ids: idListSchema }),
  output: z.strictObject({ deleted: z.array(id) }),
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-schedules/bulk/delete",
    operationId: "bulkDelete",
    summary: "Delete several schedules",
    tag: "Backup schedules",
    answer: "Those that were deleted",
    idempotent: true,
  },
  async run(context, { schedule_ids }) {
    const { db, tenant, audit, unchanged } = context;
    // In the order of ids: two bulk requests never deadlock.
    await db.$queryRaw`SELECT id FROM backup_schedules WHERE id = ANY(${schedule_ids}::int[]) ORDER BY id FOR UPDATE`;
    const deleted = await db.$queryRaw<{ id: number; name: string }[]>`
      UPDATE backup_schedules
      SET deleted_at = now(), is_enabled = false, next_run_at = NULL, carried_nominal_at = NULL,
          version = version + 1, updated_at = now()
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
    await dropIncidentsOfSchedules(
      db,
      tenant.id,
      deleted.map((schedule) => schedule.id),
    );
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "schedule", id: null }]);
    await notifyBulkChange(context, {
      change: "deleted",
      changed: deleted.map((schedule) => schedule.id),
      already: 0,
      gone: schedule_ids.length - deleted.length,
    });
    return { deleted: deleted.map((schedule) => schedule.id) };
  },
});
