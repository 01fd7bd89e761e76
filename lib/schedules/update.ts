import { z } from "zod";
import { raiseAlerts } from "#lib/alerts/raise";
import { lockSchedule } from "#lib/db/schedule-row";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { applyRetentionJob } from "#lib/jobs/apply-retention";
import { enqueue } from "#lib/jobs/enqueue";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { catalogRevision } from "#lib/policies/catalog";
import { retentionFields } from "#lib/retention/rules";
import { computable } from "./computable.ts";
import { lastDispatched } from "./last-dispatched.ts";
import { presentSchedule } from "./present.ts";
import { resumed } from "./resumed.ts";
import { daysFaults, scheduleUpdateSchema } from "./schema.ts";
import { dueAfterEdit, dueWhenEnabled, nothingCarried } from "./timing.ts";
import { scheduleView } from "./views.ts";

const timingFields = [
  "timezone",
  "frequency",
  "time_of_day",
  "days_of_week",
  "start_window_minutes",
] as const;

/**
 * Changes some fields of a backup schedule. A change of timing counts from now on: an occurrence that has come already
 * still runs, once, and the new rule has none in the past. Enabling does not catch up. A change of what is captured
 * counts from the next run on. A change of what is kept takes effect at once: sets that it does not keep
 * go to the bin.
 * @throws AppError NOT_FOUND; VALIDATION_FAILED; EDIT_CONFLICT when `version` is not the current one.
 */
export const updateSchedule = operation({
  name: "schedule.update",
  permission: "schedule:write",
  effect: "write",
  input: z.strictObject({ schedule_id: idSchema, changes: scheduleUpdateSchema }),
  output: scheduleView,
  http: {
    method: "PATCH",
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}",
    operationId: "updateBackupSchedule",
    summary: "Update a backup schedule",
    description:
      "Any of the fields. A change of timing, and enabling, set the next run anew from now. With version, refused when someone else changed the schedule since.",
    tag: "Backup schedules",
    bodyAs: "changes",
    answer: "As it is now",
    errors: ["EDIT_CONFLICT"],
    version: (schedule) => schedule.version,
    ifMatch: true,
  },
  async run({ db, tenant, now, audit, requireVersion }, { schedule_id, changes: { version, ...changes } }) {
    const before = await lockSchedule(db, schedule_id);
    requireVersion(before.version);
    if (version !== undefined && version !== before.version) {
      throw new AppError(
        "EDIT_CONFLICT",
        "The schedule has changed since you read it. Reload it, then edit again.",
        {
          details: { current_version: before.version },
        },
      );
    }
    const frequency = changes.frequency ?? before.frequency;
    // A schedule that becomes daily loses its weekdays, unless the request names some: that is a mistake.
    const keptDays = frequency === "weekly" && before.days_of_week.length > 0 ? before.days_of_week : null;
    const days_of_week = changes.days_of_week === undefined ? keptDays : changes.days_of_week;
    const faults = daysFaults({ frequency, days_of_week });
    if (faults.length > 0) {
      const errors = faults.map((fault) => ({ path: fault.path.join("."), message: fault.message }));
      throw new AppError("VALIDATION_FAILED", errors.map((e) => `${e.path}: ${e.message}`).join("; "), {
        errors,
      });
    }
    const merged = { ...before, ...changes, frequency, days_of_week: days_of_week ?? [] };
    const retimed = timingFields.some((field) => String(merged[field]) !== String(before[field]));
    const enabledNow = merged.is_enabled && !before.is_enabled;
    const { next_run_at } = before;
    const dispatched = enabledNow ? (await lastDispatched(db, [before.id])).get(before.id) : undefined;
    const due = !merged.is_enabled
      ? { ...nothingCarried, next_run_at: null }
      : enabledNow || !next_run_at
        ? {
            ...nothingCarried,
            next_run_at: computable(merged.name, () => dueWhenEnabled(before.id, merged, now, dispatched)),
          }
        : retimed
          ? computable(merged.name, () => dueAfterEdit(before.id, { ...before, next_run_at }, merged, now))
          : {};
    const after = await db.backupSchedule.update({
      where: { tenant_id_id: { tenant_id: before.tenant_id, id: before.id } },
      data: {
        ...changes,
        ...(changes.policy_types ? { catalog_revision: catalogRevision } : {}),
        days_of_week: days_of_week ?? [],
        ...due,
        ...(enabledNow ? { paused_reason: null, failure_streak: 0 } : {}),
        version: { increment: 1 },
        updated_at: now,
      },
    });
    const changed = Object.keys(changes).filter(
      (key) => String(after[key as keyof typeof after]) !== String(before[key as keyof typeof before]),
    );
    audit({
      action: "schedule.updated",
      target: { kind: "schedule", id: after.id },
      details: Object.fromEntries(
        changed.map((key) => [
          key,
          { from: before[key as keyof typeof before], to: after[key as keyof typeof after] },
        ]),
      ),
    });
    // The zone as well: days, weeks, months and years are those of its calendar.
    if (changed.some((field) => field in retentionFields || field === "timezone")) {
      await enqueue(db, applyRetentionJob, [
        { data: { tenant_id: after.tenant_id, backup_schedule_id: after.id } },
      ]);
    }
    if (enabledNow) await raiseAlerts(db, [resumed(after.tenant_id, after)]);
    await notifyLive(db, [{ tenant_id: after.tenant_id, topic: "schedule", id: after.id }]);
    return presentSchedule(after, tenant);
  },
});
