import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { deliverAlertJob } from "#lib/jobs/deliver-alert";
import { enqueue } from "#lib/jobs/enqueue";
import { routeAlertJob } from "#lib/jobs/route-alert";
import { platformOperation } from "#lib/operation";

/** Seconds after which something that is due is late: its job waits its turn for less, or is lost. */
const lateSeconds = 300;
/** So many one tick enqueues anew; the next goes on. */
const most = 1_000;

/** Events, and deliveries, that are late. */
const isLateEvent = Prisma.sql`routed_at IS NULL AND created_at < now() - make_interval(secs => ${lateSeconds})`;
const isLateDelivery = Prisma.sql`state = 'pending' AND next_at < now() - make_interval(secs => ${lateSeconds})`;

/** Whether anything is late, with or without its job. */
export const somethingIsLate = Prisma.sql`
  EXISTS (SELECT FROM alert_events WHERE ${isLateEvent}) OR EXISTS (SELECT FROM alert_deliveries WHERE ${isLateDelivery})`;

interface Late {
  id: bigint;
  tenant_id: number | null;
}

/**
 * Enqueues anew what is late and has no job any more: whatever becomes of a queue, an event that was written is told. What
 * waits for its turn has its job.
 * @returns how many jobs it enqueued
 */
export const resumeLostAlerts = platformOperation({
  name: "alert.resume_lost",
  permission: "alert:deliver",
  input: z.strictObject({}),
  output: z.int(),
  async run({ db }) {
    // EXCEPT, not NOT EXISTS, which may compare each late one with every job when the planner expects few (lib/runs/sweep.ts).
    const events = await db.$queryRaw<Late[]>`
      WITH lost AS MATERIALIZED (
        SELECT id FROM alert_events WHERE ${isLateEvent}
        EXCEPT
        SELECT (data ->> 'event_id')::bigint FROM pgboss.job
        WHERE name = 'route-alert' AND state IN ('created', 'retry', 'active')
      )
      SELECT e.id, e.tenant_id FROM lost JOIN alert_events e USING (id) ORDER BY e.created_at LIMIT ${most}`;
    const deliveries = await db.$queryRaw<Late[]>`
      WITH lost AS MATERIALIZED (
        SELECT id FROM alert_deliveries WHERE ${isLateDelivery}
        EXCEPT
        SELECT (data ->> 'delivery_id')::bigint FROM pgboss.job
        WHERE name = 'deliver-alert' AND state IN ('created', 'retry', 'active')
      )
      SELECT d.id, d.tenant_id FROM lost JOIN alert_deliveries d USING (id) ORDER BY d.next_at LIMIT ${most}`;
    await enqueue(
      db,
      routeAlertJob,
      events.map(({ id, tenant_id }) => ({ data: { tenant_id, event_id: Number(id) }, tenantId: tenant_id })),
    );
    await enqueue(
      db,
      deliverAlertJob,
      deliveries.map(({ id, tenant_id }) => ({
        data: { tenant_id, delivery_id: Number(id) },
        tenantId: tenant_id,
      })),
    );
    return events.length + deliveries.length;
  },
});
