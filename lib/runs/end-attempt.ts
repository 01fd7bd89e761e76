import { z } from "zod";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";

/**
 * Notes when and why an attempt ended although the run did not: another one will follow. Nothing when the attempt is no
 * longer the current one.
 */
export const endAttempt = operation({
  name: "run.end_attempt",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({ run_id: idSchema, attempt: z.int(), reason: z.string() }),
  output: z.void(),
  async run({ db, tenant }, { run_id, attempt, reason }) {
    await db.$executeRaw`
      UPDATE backup_schedule_runs
      SET attempt_log = jsonb_set(attempt_log, '{-1}',
            (attempt_log -> -1) || jsonb_build_object('ended_at', now(), 'reason', ${reason}::text))
      WHERE id = ${run_id} AND attempt = ${attempt} AND status = 'running' AND jsonb_array_length(attempt_log) > 0`;
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "run", id: run_id }]);
  },
});
