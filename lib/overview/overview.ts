import { z } from "zod";
import { AppError } from "#lib/errors";
import { overviewDays } from "#lib/limits";
import { operation } from "#lib/operation";
import { lastDays, zoneField } from "./days.ts";
import { type FailureCause, failureDays, readFailureCauses } from "./failure-causes.ts";
import { type ProtectionFacts, readProtectionFacts } from "./protection-facts.ts";
import { type RunDay, readRunDays, type SuccessRate, successRate } from "./run-days.ts";

/** Days that the overview looks back; its trend compares them with as many before. */

/** What the overview of a tenant shows of its past, and how well it is protected now. */
export interface TenantOverview {
  /** IANA zone of the days. */
  timezone: string;
  protection: ProtectionFacts;
  /** The last thirty days, oldest first; the last one is today. */
  days: RunDay[];
  success: SuccessRate;
  /** The same of the thirty days before. */
  success_before: SuccessRate;
  /** Why runs failed or were incomplete in the last fourteen days. */
  failures: FailureCause[];
}

/**
 * A tenant's overview.
 * @param timezone IANA zone of the days; default UTC
 */
export const getTenantOverview = operation({
  name: "tenant.overview",
  permission: "tenant:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ timezone: zoneField }),
  async run({ db, tenant, now }, { timezone }): Promise<TenantOverview> {
    const days = await readRunDays(db, tenant.id, lastDays(timezone, now, 2 * overviewDays));
    const protection = (await readProtectionFacts(db, [tenant.id], now)).get(tenant.id);
    if (!protection)
      throw new AppError("NOT_FOUND", "There is no such tenant, or you are not a member of it.");
    const since = lastDays(timezone, now, failureDays)[0]?.from ?? now;
    return {
      timezone,
      protection,
      days: days.slice(overviewDays),
      success: successRate(days.slice(overviewDays)),
      success_before: successRate(days.slice(0, overviewDays)),
      failures: await readFailureCauses(db, tenant.id, since),
    };
  },
});
