import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { catalogRevision } from "#lib/policies/catalog";
import { requireRoom } from "#lib/quotas";
import { presentSchedule } from "./present.ts";
import { scheduleCreateSchema } from "./schema.ts";
import { nextRunAt } from "./timing.ts";
import { scheduleView } from "./views.ts";

/**
 * Creates a backup schedule. An enabled one is due at its next occurrence after now.
 * @throws AppError VALIDATION_FAILED with each faulty field; QUOTA_EXCEEDED.
 */
export const createSchedule = operation({
  name: "schedule.create",
  permission: "schedule:write",
  effect: "write",
  input: scheduleCreateSchema,
  output: scheduleView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-schedules",
    operationId: "createBackupSchedule",
    summary: "Create a backup schedule",
    description:
      "Weekly schedules need days_of_week, daily ones have none. What is left out takes its default.",
    tag: "Backup schedules",
    status: 201,
    answer: "Created",
    errors: ["QUOTA_EXCEEDED"],
    version: (made) => made.version,
    idempotent: true,
    location: (made) => `/tenants/${made.tenant_id}/backup-schedules/${made.id}`,
  },
  async run({ db, tenant, now, audit }, input) {
    await requireRoom(db, tenant.id, "schedules");
    const inserted = await db.backupSchedule.create({
      data: {
        ...input,
        catalog_revision: catalogRevision,
        days_of_week: input.days_of_week ?? [],
        tenant_id: tenant.id,
      },
    });
    // The start offset depends on the id, so the due time comes second.
    const schedule = await db.backupSchedule.update({
      where: { tenant_id_id: { tenant_id: tenant.id, id: inserted.id } },
      data: { next_run_at: inserted.is_enabled ? nextRunAt(inserted.id, inserted, now) : null },
    });
    audit({
      action: "schedule.created",
      target: { kind: "schedule", id: schedule.id },
      details: { ...input },
    });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "schedule", id: schedule.id }]);
    return presentSchedule(schedule, tenant);
  },
});
