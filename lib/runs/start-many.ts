import { sendNotification } from "#lib/notifications/send";
import type { OperationContext } from "#lib/operation";
import { type BulkResult, bulkSentence, refusal } from "./bulk.ts";
import { createRuns } from "./create.ts";

/**
 * Starts a run of each schedule that has none active: the body of the bulk Run now (`manual`) and the bulk Retry
 * (`retry`, which points each run back to its schedule's newest ended one). A fixed number of statements.
 * Who asked gets one notification that says how many started, were active already, or were refused.
 */
export async function startMany(
  { db, tenant, actor, audit, unchanged }: OperationContext,
  scheduleIds: readonly number[],
  trigger: "manual" | "retry",
): Promise<BulkResult> {
  // In the order of ids: two bulk requests never deadlock.
  await db.$queryRaw`SELECT id FROM backup_schedules WHERE id = ANY(${scheduleIds}::int[]) ORDER BY id FOR UPDATE`;
  const schedules = await db.backupSchedule.findMany({
    where: { id: { in: [...scheduleIds] }, deleted_at: null },
    select: { id: true, name: true },
  });
  const newest = await db.$queryRaw<{ schedule_id: number; run_id: number; active: boolean }[]>`
    SELECT s.id AS schedule_id, r.id AS run_id, r.status = 'running' AS active
    FROM unnest(${scheduleIds}::int[]) AS s(id)
    CROSS JOIN LATERAL (
      SELECT id, status FROM backup_schedule_runs WHERE backup_schedule_id = s.id
      ORDER BY (status = 'running') DESC, id DESC LIMIT 1
    ) r`;
  const newestRun = new Map(newest.map((run) => [run.schedule_id, run]));
  const names = new Map(schedules.map((schedule) => [schedule.id, schedule.name]));
  const requestedBy = actor.kind === "user" ? actor.id : null;
  const runs = await createRuns(
    db,
    tenant.id,
    trigger,
    schedules.flatMap(({ id }) => {
      const last = newestRun.get(id);
      if (last?.active || (trigger === "retry" && !last)) return [];
      return [
        { backup_schedule_id: id, retry_of_run_id: trigger === "retry" ? (last?.run_id ?? null) : null },
      ];
    }),
    requestedBy,
  );
  const started = new Map(runs.map((run) => [run.backup_schedule_id, run.id]));
  const results = scheduleIds.map((schedule_id): BulkResult["results"][number] => {
    const name = names.get(schedule_id) ?? null;
    const run_id = started.get(schedule_id);
    const last = newestRun.get(schedule_id);
    const refused = { schedule_id, name, outcome: "refused", run_id: null } as const;
    if (name === null) return { ...refused, reason: refusal.notFound };
    if (run_id !== undefined) return { schedule_id, name, outcome: "started", run_id, reason: null };
    if (!last) return { ...refused, reason: refusal.nothingToRetry };
    return { schedule_id, name, outcome: "already_running", run_id: last.run_id, reason: refusal.active };
  });
  for (const run of runs) {
    audit({
      action: trigger === "manual" ? "run.requested" : "run.retried",
      target: { kind: "run", id: run.id },
      details: {
        schedule_id: run.backup_schedule_id,
        schedule_name: names.get(run.backup_schedule_id),
        ...(trigger === "retry" ? { retry_of_run_id: run.retry_of_run_id } : {}),
        bulk: true,
      },
    });
  }
  if (runs.length === 0) unchanged();
  const { counts, sentence } = bulkSentence(results);
  if (requestedBy !== null) {
    await sendNotification(db, tenant.id, {
      kind: "run.bulk_started",
      doer: requestedBy,
      title: trigger === "manual" ? "Run now" : "Retry",
      body: sentence,
      link: `/tenants/${tenant.id}/runs`,
      data: { ...counts, trigger },
    });
  }
  return { ...counts, results };
}
