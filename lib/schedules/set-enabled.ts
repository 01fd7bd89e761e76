import { z } from "zod";
import { raiseAlerts } from "#lib/alerts/raise";
import { scheduleNotFound } from "#lib/db/schedule-row";
import { idListSchema, idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { type OperationContext, operation } from "#lib/operation";
import { noteBulkUndo, notifyBulkChange } from "./bulk-notification.ts";
import { computable } from "./computable.ts";
import { lastDispatched } from "./last-dispatched.ts";
import { resumed } from "./resumed.ts";
import { dueWhenEnabled } from "./timing.ts";
import { enableResultView } from "./views.ts";

/** Ids that changed, and ids of the tenant's schedules that were so already. */
export type EnableResult = z.infer<typeof enableResultView>;

/**
 * Enables or disables one schedule. Enabling never catches up: the next run is the next occurrence from now.
 * @throws AppError NOT_FOUND; VALIDATION_FAILED when its time zone is not known any more
 */
export const setScheduleEnabled = operation({
  name: "schedule.set_enabled",
  permission: "schedule:write",
  effect: "write",
  input: z.strictObject({ schedule_id: idSchema, is_enabled: z.boolean() }),
  output: enableResultView,
  async run(context, { schedule_id, is_enabled }): Promise<EnableResult> {
    const result = await changeEnabled(context, [schedule_id], is_enabled);
    if (result.changed.length + result.unchanged.length === 0) throw scheduleNotFound();
    return result;
  },
});

const schedulesOnly = z.strictObject({ schedule_ids: idListSchema });

/**
 * Enables or disables several schedules, as setScheduleEnabled does each. Who asked gets one notification of all;
 * with `undo`, which takes such an act back, the notification of that act says so instead.
 * @returns ids that are not a live schedule of this tenant are in neither list
 */
export const setSchedulesEnabled = operation({
  name: "schedule.set_enabled_many",
  permission: "schedule:write",
  effect: "write",
  input: z.strictObject({
    schedule_ids: idListSchema,
    is_enabled: z.boolean(),
    undo: z.boolean().default(false),
  }),
  output: enableResultView,
  http: [
    {
      method: "POST",
      path: "/tenants/{tenantId}/backup-schedules/bulk/enable",
      operationId: "bulkEnable",
      summary: "Enable several schedules",
      tag: "Backup schedules",
      fixed: { is_enabled: true },
      body: schedulesOnly,
      answer: "What changed",
      idempotent: true,
    },
    {
      method: "POST",
      path: "/tenants/{tenantId}/backup-schedules/bulk/disable",
      operationId: "bulkDisable",
      summary: "Disable several schedules",
      tag: "Backup schedules",
      fixed: { is_enabled: false },
      body: schedulesOnly,
      answer: "What changed",
      idempotent: true,
    },
  ],
  async run(context, { schedule_ids, is_enabled, undo }): Promise<EnableResult> {
    const result = await changeEnabled(context, schedule_ids, is_enabled);
    const { changed, unchanged } = result;
    if (undo) {
      await noteBulkUndo(context, is_enabled ? "disabled" : "enabled", schedule_ids, changed.length);
    } else {
      await notifyBulkChange(context, {
        change: is_enabled ? "enabled" : "disabled",
        changed,
        already: unchanged.length,
        gone: schedule_ids.length - changed.length - unchanged.length,
      });
    }
    return result;
  },
});

async function changeEnabled(
  { db, tenant, now, audit, unchanged }: OperationContext,
  scheduleIds: readonly number[],
  is_enabled: boolean,
): Promise<EnableResult> {
  await db.$queryRaw`SELECT id FROM backup_schedules WHERE id = ANY(${scheduleIds}::int[]) ORDER BY id FOR UPDATE`;
  const found = await db.backupSchedule.findMany({
    where: { id: { in: [...scheduleIds] }, deleted_at: null },
  });
  const changing = found.filter((schedule) => schedule.is_enabled !== is_enabled);
  const dispatched = is_enabled
    ? await lastDispatched(
        db,
        changing.map(({ id }) => id),
      )
    : null;
  const due = JSON.stringify(
    changing.map((schedule) => ({
      id: schedule.id,
      at: dispatched
        ? computable(schedule.name, () =>
            dueWhenEnabled(schedule.id, schedule, now, dispatched.get(schedule.id)),
          )
        : null,
    })),
  );
  await db.$executeRaw`
    UPDATE backup_schedules s
    SET is_enabled = ${is_enabled}, next_run_at = due.at, carried_nominal_at = NULL, version = version + 1, updated_at = now(),
        paused_reason = NULL, failure_streak = CASE WHEN ${is_enabled} THEN 0 ELSE failure_streak END
    FROM jsonb_to_recordset(${due}::jsonb) AS due(id int, at timestamptz)
    WHERE s.id = due.id`;
  const action = is_enabled ? "schedule.enabled" : "schedule.disabled";
  for (const schedule of changing) {
    audit({ action, target: { kind: "schedule", id: schedule.id }, details: { name: schedule.name } });
  }
  if (is_enabled)
    await raiseAlerts(
      db,
      changing.map((schedule) => resumed(tenant.id, schedule)),
    );
  if (changing.length === 0) unchanged();
  await notifyLive(db, [{ tenant_id: tenant.id, topic: "schedule", id: null }]);
  return {
    changed: changing.map((schedule) => schedule.id),
    unchanged: found.filter((schedule) => schedule.is_enabled === is_enabled).map((schedule) => schedule.id),
  };
}
