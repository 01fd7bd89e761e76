import { randomUUID } from "node:crypto";
import { z } from "zod";
import { dispatcherActor, restorerActor } from "#lib/access/actor";
import { idSchema } from "#lib/ids";
import { enqueue } from "#lib/jobs/enqueue";
import { executeRestoreJob } from "#lib/jobs/execute-restore";
import { planRestoreJob } from "#lib/jobs/plan-restore";
import { writeConnectionDays } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { operation, platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";

/** Restores at work whose job has failed for good or is gone, and credentials for writing whose time is over. */
const findLeftOver = platformOperation({
  name: "restore.find_left_over",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.strictObject({
    lost: z.array(z.strictObject({ id, tenant_id: id })),
    over: z.array(z.strictObject({ tenant_id: id })),
  }),
  async run({ db }) {
    const lost = await db.$queryRaw<{ id: number; tenant_id: number }[]>`
      SELECT r.id, r.tenant_id FROM restores r
      WHERE r.status IN ('planning', 'queued', 'running', 'waiting') AND NOT EXISTS (
        SELECT FROM pgboss.job j
        WHERE j.id = r.job_id AND j.name IN ('plan-restore', 'execute-restore')
          AND j.state IN ('created', 'retry', 'active'))
      ORDER BY r.id LIMIT 100`;
    const over = await db.$queryRaw<{ tenant_id: number }[]>`
      SELECT tenant_id FROM write_connections
      WHERE coalesce(kept_until, saved_at + make_interval(days => ${writeConnectionDays})) <= now()`;
    return { lost, over };
  },
});

/** Gives a restore that is at work a job again. */
const requeueRestore = operation({
  name: "restore.requeue",
  permission: "restore:work",
  effect: "quiet",
  input: z.strictObject({ restore_id: idSchema }),
  output: z.void(),
  async run({ db, tenant }, { restore_id }) {
    await db.$queryRaw`SELECT id FROM restores WHERE id = ${restore_id} FOR UPDATE`;
    const restore = await db.restore.findFirst({
      where: { id: restore_id, status: { in: ["planning", "queued", "running", "waiting"] } },
      select: { status: true },
    });
    if (!restore) return;
    const job_id = randomUUID();
    await db.restore.update({ where: { id: restore_id }, data: { job_id } });
    const job = { id: job_id, data: { tenant_id: tenant.id, restore_id }, tenantId: tenant.id };
    await enqueue(db, restore.status === "planning" ? planRestoreJob : executeRestoreJob, [job]);
  },
});

/** Removes a connection for writing whose time is over. */
const removeOver = operation({
  name: "write_connection.expire",
  permission: "restore:work",
  effect: "write",
  input: z.strictObject({}),
  output: z.void(),
  async run({ db, tenant, audit, unchanged }) {
    const removed = await db.$executeRaw`
      DELETE FROM write_connections
      WHERE coalesce(kept_until, saved_at + make_interval(days => ${writeConnectionDays})) <= now()`;
    if (removed === 0) return unchanged();
    audit({ action: "write_connection.forgotten", details: { why: "its time is over" } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "connection", id: null }]);
  },
});

/**
 * Gives restores whose job was lost another one, and removes connections for writing whose time is over.
 * @returns how many of each
 * @throws AppError UNAVAILABLE when the database is away
 */
export async function sweepRestores(): Promise<{ requeued: number; removed: number }> {
  const { lost, over } = await findLeftOver(dispatcherActor, {});
  for (const { id: restore_id, tenant_id } of lost)
    await requeueRestore(restorerActor, tenant_id, { restore_id });
  for (const { tenant_id } of over) await removeOver(restorerActor, tenant_id, {});
  return { requeued: lost.length, removed: over.length };
}
