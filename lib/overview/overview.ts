import { z } from "zod";
import { AppError } from "#lib/errors";
import { inWords, overviewDays } from "#lib/limits";
import { operation, operationInSteps } from "#lib/operation";
import { lastDays, zoneField } from "./days.ts";
import { failureDays, readFailureCauses } from "./failure-causes.ts";
import { readProtectionFacts } from "./protection-facts.ts";
import { readCompared, readRunDays, successRate } from "./run-days.ts";
import { tenantOverviewView } from "./views.ts";

/** What the overview of a tenant shows of its past, and how well it is protected now. */
export type TenantOverview = z.infer<typeof tenantOverviewView>;

const timezone = zoneField.meta({
  description: "IANA time zone whose days are counted",
  examples: ["Europe/Berlin"],
});

/** How well the tenant is protected now. */
const getProtection = operation({
  name: "tenant.protection",
  permission: "tenant:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({}),
  output: tenantOverviewView.shape.protection,
  async run({ db, tenant, now }) {
    const protection = (await readProtectionFacts(db, [tenant], now)).get(tenant.id);
    if (!protection)
      throw new AppError("NOT_FOUND", "There is no such tenant, or you are not a member of it.");
    return protection;
  },
});

/** What the overview shows of the tenant's past. */
const getPast = operation({
  name: "tenant.past",
  permission: "tenant:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ timezone }),
  output: tenantOverviewView.omit({ timezone: true, protection: true }),
  async run({ db, tenant, now }, { timezone }) {
    const periods = lastDays(timezone, now, 2 * overviewDays);
    const days = await readRunDays(db, tenant.id, periods);
    const shown = days.slice(overviewDays);
    const since = lastDays(timezone, now, failureDays)[0]?.from ?? now;
    return {
      days: shown,
      compared: await readCompared(db, tenant.id, shown, periods[overviewDays]?.from ?? now),
      success: successRate(shown),
      success_before: successRate(days.slice(0, overviewDays)),
      failures: await readFailureCauses(db, tenant.id, since),
    };
  },
});

/**
 * A tenant's overview: what it was and what it is, which the database works out side by side, each in half the time.
 * @param timezone IANA zone of the days; default UTC
 */
export const getTenantOverview = operationInSteps({
  name: "tenant.overview",
  permission: "tenant:view",
  input: z.strictObject({ timezone }),
  output: tenantOverviewView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/overview",
    operationId: "getTenantOverview",
    summary: `How well the tenant is protected, and its last ${inWords(overviewDays)} days`,
    tag: "Tenants",
    answer: "Protection, days and failures",
  },
  async run({ actor, tenant }, { timezone }) {
    const [protection, past] = await Promise.all([
      getProtection(actor, tenant.id, {}),
      getPast(actor, tenant.id, { timezone }),
    ]);
    return { timezone, protection, ...past };
  },
});
