import { z } from "zod";
import { findSchedule } from "#lib/db/schedule-row";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { type PreviewedOccurrence, previewEdit, previewOccurrences } from "./preview-occurrences.ts";
import { scheduleTimingSchema } from "./schema.ts";

const shown = 5;

/** Input of a preview: the timing, and the schedule that it is for when there is one already. */
export const schedulePreviewSchema = scheduleTimingSchema.safeExtend({ schedule_id: idSchema.optional() });

/**
 * The next 5 runs that a timing gives, before it is saved. With `schedule_id` they include that schedule's start
 * offset; without, they are the nominal times.
 * @throws AppError VALIDATION_FAILED with each faulty field; NOT_FOUND when the tenant has no such schedule.
 */
export const previewSchedule = operation({
  name: "schedule.preview",
  permission: "schedule:view",
  effect: "read",
  input: schedulePreviewSchema,
  async run({ db, now }, { schedule_id, ...timing }): Promise<PreviewedOccurrence[]> {
    if (schedule_id === undefined) return previewOccurrences(null, timing, now, shown);
    const schedule = await findSchedule(db, schedule_id);
    const { next_run_at } = schedule;
    return next_run_at === null
      ? previewOccurrences(schedule_id, timing, now, shown)
      : previewEdit({ ...schedule, next_run_at }, timing, now, shown);
  },
});

/**
 * The next 5 runs of a schedule as it is saved. A disabled one is shown as if it were enabled now.
 * @throws AppError NOT_FOUND
 */
export const previewSavedSchedule = operation({
  name: "schedule.preview_saved",
  permission: "schedule:view",
  effect: "read",
  input: z.strictObject({ schedule_id: idSchema }),
  async run({ db, now }, { schedule_id }): Promise<PreviewedOccurrence[]> {
    const schedule = await findSchedule(db, schedule_id);
    const { next_run_at } = schedule;
    return next_run_at === null
      ? previewOccurrences(schedule.id, schedule, now, shown)
      : previewEdit({ ...schedule, next_run_at }, schedule, now, shown);
  },
});
