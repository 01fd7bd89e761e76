import { AppError } from "#lib/errors";
import { planRestoreJob } from "#lib/jobs/plan-restore";
import { log } from "#lib/log";
import { workOutPlan } from "#lib/restore/work-out-plan";
import { handles } from "../handle.ts";

/** Plans restores: somebody waits for each, and the tenant is read as a run reads it. */
export const planRestoreHandler = handles({
  job: planRestoreJob,
  places: () => 2,
  perTenant: () => 1,
  oneAfterAnother: true,
  polling: { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2 },
  async handle({ tenant_id, restore_id }, { id, stopping, claimLost }) {
    const signal = AbortSignal.any([stopping, claimLost]);
    const result = await workOutPlan(tenant_id, restore_id, id, signal).catch((error: unknown) => {
      // The tenant was removed meanwhile.
      if (error instanceof AppError && error.code === "NOT_FOUND") return { kind: "released" as const };
      throw error;
    });
    log.info({ tenant_id, restore_id, ...result }, "restore planned");
    if (result.kind === "try_again") throw new Error(result.reason);
  },
});
