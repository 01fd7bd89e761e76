import type { Actor } from "#lib/access/actor";
import type { Role } from "#lib/access/permissions";
import { transaction } from "#lib/db/transaction";
import { lastDays, type Period } from "./days.ts";
import { type ProtectionFacts, readProtectionFacts } from "./protection-facts.ts";
import { type SuccessRate, successRate } from "./run-days.ts";

/** Days that a tenant's row looks back. */
export const portfolioDays = 14;

/** A tenant of the caller's, with how well it is protected. */
export interface PortfolioTenant extends ProtectionFacts {
  id: number;
  name: string;
  role: Role;
  /** The last fourteen days, oldest first; the last one is today. */
  days: { date: string; success: number; partial: number; failed: number }[];
  /** Over these days. */
  success: SuccessRate;
}

/**
 * The caller's tenants in the order of their names, each with its protection and its last days: a handful of
 * statements, however many tenants. The database shows this role only the tenants of one user.
 * @param timezone IANA zone of the days
 * @returns nothing for a token or the service itself: a portfolio is a person's
 */
export async function getPortfolio(actor: Actor, timezone: string): Promise<PortfolioTenant[]> {
  if (actor.kind !== "user") return [];
  return transaction(
    { as: "portfolio", user_id: actor.user_id },
    async (db) => {
      const tenants = await db.$queryRaw<{ id: number; name: string; role: Role; now: Date }[]>`
        SELECT t.id, t.name, m.role::text AS role, now() AS now
        FROM tenants t JOIN memberships m ON m.tenant_id = t.id ORDER BY lower(t.name), t.id`;
      const now = tenants[0]?.now;
      if (!now) return [];
      const ids = tenants.map((tenant) => tenant.id);
      const days = lastDays(timezone, now, portfolioDays);
      const facts = await readProtectionFacts(db, ids, now);
      const outcomes = await db.$queryRaw<OutcomeRow[]>`
        SELECT tenant_id, array_agg(success ORDER BY number) AS success, array_agg(partial ORDER BY number) AS partial,
               array_agg(failed ORDER BY number) AS failed
        FROM (
          SELECT t.id AS tenant_id, day.number, runs.*
          FROM unnest(${ids}::int[]) AS t(id)
          CROSS JOIN unnest(${days.map((day) => day.from)}::timestamptz[], ${days.map((day) => day.to)}::timestamptz[])
            WITH ORDINALITY AS day(begins, ends, number)
          CROSS JOIN LATERAL (
            SELECT (count(*) FILTER (WHERE status = 'success'))::int AS success,
                   (count(*) FILTER (WHERE status = 'partial'))::int AS partial,
                   (count(*) FILTER (WHERE status = 'failed'))::int AS failed
            FROM backup_schedule_runs
            WHERE tenant_id = t.id AND finished_at >= day.begins AND finished_at < day.ends) runs
        ) counted GROUP BY tenant_id`;
      const outcomesOf = new Map(outcomes.map((row) => [row.tenant_id, row]));
      return tenants.flatMap(({ id, name, role }): PortfolioTenant[] => {
        const fact = facts.get(id);
        if (!fact) return [];
        const past = daysOf(days, outcomesOf.get(id));
        return [{ id, name, role, ...fact, days: past, success: successRate(past) }];
      });
    },
    { readOnly: true },
  );
}

function daysOf(days: readonly Period[], outcomes: OutcomeRow | undefined): PortfolioTenant["days"] {
  return days.map(({ date }, index) => ({
    date,
    success: outcomes?.success[index] ?? 0,
    partial: outcomes?.partial[index] ?? 0,
    failed: outcomes?.failed[index] ?? 0,
  }));
}

interface OutcomeRow {
  tenant_id: number;
  success: number[];
  partial: number[];
  failed: number[];
}
