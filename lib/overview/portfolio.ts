import { z } from "zod";
import { type Role, roles } from "#lib/access/permissions";
import { type Tx, transaction } from "#lib/db/transaction";
import { inWords, portfolioDays } from "#lib/limits";
import { ownOperation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { lastDays, type Period, zoneField } from "./days.ts";
import { protectionFacts, readBreaches, readStates } from "./protection-facts.ts";
import { successRate } from "./run-days.ts";
import { protectionView, successRateView } from "./views.ts";

const portfolioTenantView = z.strictObject({
  ...protectionView.shape,
  id,
  name: z.string(),
  role: z.enum(roles),
  days: z
    .array(z.strictObject({ date: z.iso.date(), success: z.int(), partial: z.int(), failed: z.int() }))
    .meta({ description: `The last ${inWords(portfolioDays)} days, oldest first; the last one is today` }),
  success: successRateView.meta({ description: "Over these days" }),
  drift: z
    .strictObject({ new: z.int(), denied: z.int() })
    .nullable()
    .meta({ description: "Differences from the baseline that nobody accepted; null: it has no baseline" }),
});

/** A tenant of the caller's, with how well it is protected. */
export type PortfolioTenant = z.infer<typeof portfolioTenantView>;

/**
 * The caller's tenants in the order of their names, each with its protection and its last days: a handful of
 * statements, however many tenants. The database shows this role only the tenants of one user.
 * @param input.timezone IANA zone of the days
 */
export const getPortfolio = ownOperation({
  name: "portfolio",
  actors: ["user"],
  input: z.strictObject({ timezone: zoneField }),
  output: z.array(portfolioTenantView),
  async run(actor, { timezone }) {
    const reading = <T>(work: (db: Tx) => Promise<T>) =>
      transaction({ as: "portfolio", user_id: actor.user_id }, work, { readOnly: true });
    const tenants = await reading(
      (db) => db.$queryRaw<{ id: number; name: string; role: Role; is_archived: boolean; now: Date }[]>`
      SELECT t.id, t.name, m.role::text AS role, t.archived_at IS NOT NULL AS is_archived, now() AS now
      FROM tenants t JOIN memberships m ON m.tenant_id = t.id ORDER BY lower(t.name), t.id`,
    );
    const now = tenants[0]?.now;
    if (!now) return [];
    const ids = tenants.map((tenant) => tenant.id);
    const days = lastDays(timezone, now, portfolioDays);
    // Three things that the database works out side by side. What is quick goes with one of them: a transaction costs more than it.
    const [states, breaches, { outcomes, drifts }] = await Promise.all([
      reading((db) => readStates(db, tenants)),
      reading((db) => readBreaches(db, tenants, now)),
      reading(async (db) => ({
        outcomes: await readOutcomes(db, ids, days),
        drifts: await readDrift(db, ids),
      })),
    ]);
    const facts = protectionFacts(tenants, states, breaches, now);
    const driftOf = new Map(drifts.map(({ tenant_id, ...counts }) => [tenant_id, counts]));
    const outcomesOf = new Map(outcomes.map((row) => [row.tenant_id, row]));
    return tenants.flatMap(({ id, name, role }): PortfolioTenant[] => {
      const fact = facts.get(id);
      if (!fact) return [];
      const past = daysOf(days, outcomesOf.get(id));
      return [
        {
          id,
          name,
          role,
          ...fact,
          days: past,
          success: successRate(past),
          drift: driftOf.get(id) ?? null,
        },
      ];
    });
  },
});

/** Differences that nobody accepted, of the tenants that have a baseline. */
function readDrift(
  db: Tx,
  tenantIds: readonly number[],
): Promise<{ tenant_id: number; new: number; denied: number }[]> {
  return db.$queryRaw`
    SELECT b.tenant_id, (count(d.id) FILTER (WHERE d.state <> 'denied'))::int AS new,
           (count(d.id) FILTER (WHERE d.state = 'denied'))::int AS denied
    FROM baselines b LEFT JOIN drifts d ON d.tenant_id = b.tenant_id AND d.gone_at IS NULL
      AND (d.state <> 'accepted' OR d.accepted_until <= now())
    WHERE b.tenant_id = ANY(${tenantIds}::int[]) GROUP BY b.tenant_id`;
}

/** Outcomes of the days, of the tenants that have any: from `run_counts`, in one pass over all of them. */
function readOutcomes(db: Tx, tenantIds: readonly number[], days: readonly Period[]): Promise<OutcomeRow[]> {
  // As one text a tenant the days are read several times as fast.
  const begins = days.map((day) => day.from.toISOString());
  return db.$queryRaw<OutcomeRow[]>`
    SELECT tenant_id, string_agg(concat_ws(' ', day, success, partial, failed), ',') AS days
    FROM (
      SELECT tenant_id, width_bucket(quarter, ${begins}::timestamptz[]) AS day, sum(success) AS success,
             sum(partial) AS partial, sum(failed) AS failed
      FROM run_counts
      WHERE tenant_id = ANY(${tenantIds}::int[]) AND quarter >= ${days[0]?.from} AND quarter < ${days.at(-1)?.to}
      GROUP BY tenant_id, day) counted
    GROUP BY tenant_id`;
}

function daysOf(days: readonly Period[], outcomes: OutcomeRow | undefined): PortfolioTenant["days"] {
  const past = days.map(({ date }) => ({ date, success: 0, partial: 0, failed: 0 }));
  for (const each of outcomes?.days.split(",") ?? []) {
    const [number = 0, success = 0, partial = 0, failed = 0] = each.split(" ").map(Number);
    const day = past[number - 1];
    if (day) Object.assign(day, { success, partial, failed });
  }
  return past;
}

/** A tenant's outcomes. */
interface OutcomeRow {
  tenant_id: number;
  /** Of each day that has any, counted from one: `day success partial failed`, with commas between the days. */
  days: string;
}
