import { raiseAlerts } from "#lib/alerts/raise";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { changesToldSeconds } from "#lib/limits";

/** One incident a tenant, whatever the number of its differences. */
const cause = "drift";

interface Counts {
  new: number;
  denied: number;
  policy_types: string[];
}

/** Open differences that nobody accepted; an acceptance whose time is over is none, also before the tick has seen it. */
export const isActive = Prisma.sql`
  gone_at IS NULL AND (state <> 'accepted' OR accepted_until <= now())`;

/**
 * Opens or closes the tenant's incident of drift, in the caller's transaction. It lasts as long as there is a new or denied
 * difference; what it says is kept to the counts.
 * @param db bound to the tenant, or of the dispatcher
 * @param comparedSetId a set that was compared: what lasts is counted then, as with other incidents
 */
export async function tellDrift(
  db: Tx,
  tenant_id: number,
  { comparedSetId = null }: { comparedSetId?: number | null } = {},
): Promise<void> {
  const [counts] = await db.$queryRaw<Counts[]>`
    SELECT (count(*) FILTER (WHERE state <> 'denied'))::int AS new, (count(*) FILTER (WHERE state = 'denied'))::int AS denied,
           coalesce(array_agg(DISTINCT policy_type), '{}') AS policy_types
    FROM drifts WHERE tenant_id = ${tenant_id} AND ${isActive}`;
  if (!counts) throw new Error("An aggregate has one row");
  const link = `/tenants/${tenant_id}/drift`;
  const all = counts.new + counts.denied;
  if (all === 0) {
    const [baseline] = await db.$queryRaw<{ tenant_id: number }[]>`
      SELECT tenant_id FROM baselines WHERE tenant_id = ${tenant_id}`;
    await raiseAlerts(db, [
      {
        kind: "drift.gone",
        tenant_id,
        cause,
        title: "Drift gone",
        body: baseline
          ? "Every difference from the baseline is gone or accepted."
          : "The tenant has no baseline any more.",
        link,
        // That it was found may still wait to be told: its end is not to come before it.
        ...((await isFresh(db, tenant_id)) ? { waitsSeconds: changesToldSeconds } : {}),
      },
    ]);
    return;
  }
  const title = "Drift from the baseline";
  const body = sentence(all, counts);
  if (comparedSetId === null) {
    const told = await db.$executeRaw`
      UPDATE incidents SET body = ${body}, policy_types = ${counts.policy_types}
      WHERE tenant_id = ${tenant_id} AND cause = ${cause} AND closed_at IS NULL`;
    if (told > 0) return;
  }
  await raiseAlerts(db, [
    {
      kind: "drift.found",
      tenant_id,
      cause,
      title,
      body,
      link,
      data: { new: counts.new, denied: counts.denied, backup_set_id: comparedSetId },
      policy_types: counts.policy_types,
      ...(comparedSetId === null || (await authorsAreKnown(db, tenant_id, comparedSetId))
        ? {}
        : { waitsSeconds: changesToldSeconds }),
    },
  ]);
}

/** Whether the tenant's incident of drift is so young that its beginning may not have been told. */
async function isFresh(db: Tx, tenant_id: number): Promise<boolean> {
  const young = await db.$queryRaw<unknown[]>`
    SELECT FROM incidents
    WHERE tenant_id = ${tenant_id} AND cause = ${cause} AND closed_at IS NULL
      AND opened_at > now() - make_interval(secs => ${changesToldSeconds})`;
  return young.length > 0;
}

/** Whether the first look for who made a set's changes has come back: a message says who, and waits for it. */
async function authorsAreKnown(db: Tx, tenant_id: number, setId: number): Promise<boolean> {
  const where = { tenant_id, backup_set_id: setId };
  return (await db.policyChangeLook.findFirst({ where, select: { backup_set_id: true } })) !== null;
}

function sentence(all: number, { new: fresh, denied }: Counts): string {
  const policies = all === 1 ? "1 policy differs" : `${all} policies differ`;
  return `${policies} from the baseline: ${fresh} new, ${denied} denied.`;
}
