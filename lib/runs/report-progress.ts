import { z } from "zod";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import type { RunProgress } from "./schema.ts";

/** What the worker has to do after a report. */
export type Verdict = "continue" | "cancel" | "lost";

/**
 * The worker's sign of life, with the run's progress for who watches.
 * @returns `cancel` when someone asked for it, `lost` when the attempt is no longer the current one.
 */
export const reportProgress = operation({
  name: "run.report_progress",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({ run_id: idSchema, attempt: z.int(), progress: z.custom<RunProgress>().nullable() }),
  async run({ db, tenant }, { run_id, attempt, progress }): Promise<Verdict> {
    const json = progress === null ? null : JSON.stringify(progress);
    const [run] = await db.$queryRaw<{ cancel: boolean }[]>`
      UPDATE backup_schedule_runs
      SET heartbeat_at = now(), progress = coalesce(${json}::jsonb, progress)
      WHERE id = ${run_id} AND attempt = ${attempt} AND status = 'running'
      RETURNING cancel_requested_at IS NOT NULL AS cancel`;
    if (!run) return "lost";
    if (progress !== null) await notifyLive(db, [{ tenant_id: tenant.id, topic: "run", id: run_id }]);
    return run.cancel ? "cancel" : "continue";
  },
});
