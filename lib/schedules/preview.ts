import { z } from "zod";
import { findSchedule } from "#lib/db/schedule-row";
import { idSchema } from "#lib/ids";
import { previewedRuns } from "#lib/limits";
import { operation } from "#lib/operation";
import { computable } from "./computable.ts";
import { previewEdit, previewOccurrences } from "./preview-occurrences.ts";
import { scheduleTimingSchema } from "./schema.ts";
import { occurrenceView } from "./views.ts";

/** Input of a preview: the timing, and the schedule that it is for when there is one already. */
export const schedulePreviewSchema = scheduleTimingSchema.safeExtend({
  schedule_id: idSchema
    .optional()
    .meta({ description: "A saved schedule, whose offset within the start window is taken" }),
});

/**
 * The next runs that a timing gives, before it is saved. With `schedule_id` they include that schedule's start
 * offset; without, they are the nominal times.
 * @throws AppError VALIDATION_FAILED with each faulty field; NOT_FOUND when the tenant has no such schedule.
 */
export const previewSchedule = operation({
  name: "schedule.preview",
  permission: "schedule:view",
  effect: "read",
  input: schedulePreviewSchema,
  output: z.array(occurrenceView),
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-schedules/preview",
    operationId: "previewBackupSchedule",
    summary: `When a schedule would run: the next ${previewedRuns} times, before it is saved`,
    description:
      "With schedule_id they include that schedule's start offset within its window; without, they are the nominal times.",
    tag: "Backup schedules",
    answer: `The next ${previewedRuns} runs`,
  },
  async run({ db, tenant, now }, { schedule_id, ...timing }) {
    if (schedule_id === undefined) return previewOccurrences(null, timing, now, previewedRuns);
    const schedule = await findSchedule(db, schedule_id);
    const next_run_at = tenant.is_archived ? null : schedule.next_run_at;
    return next_run_at === null
      ? previewOccurrences(schedule_id, timing, now, previewedRuns)
      : previewEdit({ ...schedule, next_run_at }, timing, now, previewedRuns);
  },
});

/**
 * The next runs of a schedule as it is saved. A disabled one is shown as if it were enabled now; in an archived tenant, where
 * none runs, they are the times from now on, whatever is due already.
 * @throws AppError NOT_FOUND; VALIDATION_FAILED when its time zone is not known any more
 */
export const previewSavedSchedule = operation({
  name: "schedule.preview_saved",
  permission: "schedule:view",
  effect: "read",
  input: z.strictObject({ schedule_id: idSchema }),
  output: z.array(occurrenceView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/preview",
    operationId: "previewSavedBackupSchedule",
    summary: `When the schedule runs: the next ${previewedRuns} times`,
    description:
      "A disabled schedule is shown as if it were enabled now. In an archived tenant, where none runs, it is the times from now on.",
    tag: "Backup schedules",
    answer: `The next ${previewedRuns} runs`,
  },
  async run({ db, tenant, now }, { schedule_id }) {
    const schedule = await findSchedule(db, schedule_id);
    const next_run_at = tenant.is_archived ? null : schedule.next_run_at;
    return computable(schedule.name, () =>
      next_run_at === null
        ? previewOccurrences(schedule.id, schedule, now, previewedRuns)
        : previewEdit({ ...schedule, next_run_at }, schedule, now, previewedRuns),
    );
  },
});
