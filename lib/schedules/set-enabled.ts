import { z } from "zod";
import { idListSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { nextRunAt } from "./timing.ts";

/**
 * Enables or disables schedules. Enabling never catches up: the next run is the next occurrence from now.
 * @returns ids that changed, and ids of the tenant's schedules that were so already. Ids that are not a live
 *   schedule of this tenant are in neither list.
 */
export const setSchedulesEnabled = operation({
  name: "schedule.set_enabled",
  permission: "schedule:write",
  effect: "write",
  input: z.strictObject({ schedule_ids: idListSchema, is_enabled: z.boolean() }),
  async run({ db, tenant, now, audit, unchanged }, { schedule_ids, is_enabled }) {
    await db.$queryRaw`SELECT id FROM backup_schedules WHERE id = ANY(${schedule_ids}::int[]) ORDER BY id FOR UPDATE`;
    const found = await db.backupSchedule.findMany({ where: { id: { in: schedule_ids }, deleted_at: null } });
    const changing = found.filter((schedule) => schedule.is_enabled !== is_enabled);
    const due = JSON.stringify(
      changing.map((schedule) => ({
        id: schedule.id,
        at: is_enabled ? nextRunAt(schedule.id, schedule, now) : null,
      })),
    );
    await db.$executeRaw`
      UPDATE backup_schedules s
      SET is_enabled = ${is_enabled}, next_run_at = due.at, version = version + 1, updated_at = now(),
          paused_reason = NULL, failure_streak = CASE WHEN ${is_enabled} THEN 0 ELSE failure_streak END
      FROM jsonb_to_recordset(${due}::jsonb) AS due(id int, at timestamptz)
      WHERE s.id = due.id`;
    const action = is_enabled ? "schedule.enabled" : "schedule.disabled";
    for (const schedule of changing) {
      audit({ action, target: { kind: "schedule", id: schedule.id }, details: { name: schedule.name } });
    }
    if (changing.length === 0) unchanged();
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "schedule", id: null }]);
    return {
      changed: changing.map((schedule) => schedule.id),
      unchanged: found
        .filter((schedule) => schedule.is_enabled === is_enabled)
        .map((schedule) => schedule.id),
    };
  },
});
