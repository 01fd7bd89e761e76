import { z } from "zod";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import type { RunProgress } from "./schema.ts";
import { sharersOf, sharersView } from "./sharers.ts";

const reportAnswerView = z.strictObject({
  verdict: z.enum(["continue", "cancel", "lost"]).meta({
    description:
      "`cancel` when someone asked for it, `lost` when the run has ended or the attempt is no longer the current one",
  }),
  sharers: sharersView,
});

/** What the worker learns from a report. */
export type ReportAnswer = z.infer<typeof reportAnswerView>;

/** The worker's sign of life, with the run's progress for who watches. */
export const reportProgress = operation({
  name: "run.report_progress",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({ run_id: idSchema, attempt: z.int(), progress: z.custom<RunProgress>().nullable() }),
  output: reportAnswerView,
  async run({ db, tenant }, { run_id, attempt, progress }): Promise<ReportAnswer> {
    const json = progress === null ? null : JSON.stringify(progress);
    const [run] = await db.$queryRaw<{ cancel: boolean }[]>`
      UPDATE backup_schedule_runs
      SET heartbeat_at = now(), progress = coalesce(${json}::jsonb, progress)
      WHERE id = ${run_id} AND attempt = ${attempt} AND status = 'running'
      RETURNING cancel_requested_at IS NOT NULL AS cancel`;
    const sharers = await sharersOf(db, tenant.id);
    if (!run) return { verdict: "lost", sharers };
    if (progress !== null) await notifyLive(db, [{ tenant_id: tenant.id, topic: "run", id: run_id }]);
    return { verdict: run.cancel ? "cancel" : "continue", sharers };
  },
});
