import { z } from "zod";
import { raiseAlerts } from "#lib/alerts/raise";
import type { RunSummary, TypeSummary } from "#lib/capture/summary";
import type { EntraTenant } from "#lib/connection/schema";
import { counted } from "#lib/counted";
import type { BackupSchedule, BackupScheduleRun } from "#lib/db/generated/client";
import { lockScheduleOfRun } from "#lib/db/schedule-row";
import type { Tx } from "#lib/db/transaction";
import { lookAnewDays } from "#lib/definitions/look-anew";
import { idSchema } from "#lib/ids";
import { applyRetentionJob } from "#lib/jobs/apply-retention";
import { changeAuthorsJob } from "#lib/jobs/change-authors";
import { compareDriftJob } from "#lib/jobs/compare-drift";
import { enqueue } from "#lib/jobs/enqueue";
import { indexContentsJob } from "#lib/jobs/index-contents";
import { learnDefinitionsJob } from "#lib/jobs/learn-definitions";
import { bulkMost } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { isResponsible, sendNotification } from "#lib/notifications/send";
import { type OperationContext, operation } from "#lib/operation";
import { healedEntry, putBack, verifyHealedSets } from "#lib/sets/damaged-snapshots";
import { provenDocument, type StoredSnapshot } from "#lib/sets/snapshot-codec";
import { type WrittenSet, writeSet } from "#lib/sets/write-set";
import { id } from "#lib/view-fields";
import { type RunErrorCode, runErrors } from "../run-error-codes.ts";
import { alertsOfEnd, completeBackup } from "./alerts-of-end.ts";
import { holdAttempt } from "./fence.ts";
import { recordLastRuns } from "./last-run.ts";
import { pauseSchedule } from "./pause-schedule.ts";
import { tellRunEnd } from "./tell-end.ts";

/** How an attempt ended. `success` and `partial` make a backup set; the others make none. */
export interface RunEnd {
  status: "success" | "partial" | "failed" | "canceled" | "skipped";
  error_code: RunErrorCode | null;
  error_message: string | null;
  /** Per policy type and foundation; empty when nothing was captured. */
  types: Record<string, TypeSummary>;
  /** What the ids in the set's policies stand for; null when they refer to nothing or that was not found out. */
  names?: StoredSnapshot | null;
  /** The tenant of Microsoft's that was captured. */
  read_from?: EntraTenant;
}

const inputSchema = z.strictObject({ run_id: idSchema, attempt: z.int(), end: z.custom<RunEnd>() });

/**
 * Ends a run. Everything that its end means is written in this one transaction: the set with its items, the
 * run's status and summary, the schedule's last run and failure streak, audit, notifications, the retention
 * job. So there is no half-ended run, wherever the worker dies: either all of it is there, or the run is
 * still active and the next attempt begins anew.
 *
 * The fence comes first: an attempt that is not the current one cannot commit anything.
 * @throws AttemptLost; RangesGone when the run has to begin anew
 */
export const finishRun = operation({
  name: "run.finish",
  permission: "run:execute",
  effect: "write",
  input: inputSchema,
  output: z.strictObject({ backup_set_id: id.nullable() }),
  timeoutMs: 120_000,
  async run(context, { run_id, attempt, end }) {
    const { db, tenant, audit } = context;
    const began = performance.now();
    await lockScheduleOfRun(db, run_id);
    await holdAttempt(db, run_id, attempt);
    const run = await db.backupScheduleRun.findFirstOrThrow({ where: { id: run_id } });
    const schedule_id = run.backup_schedule_id;
    const captured = end.status === "success" || end.status === "partial";
    const set = captured
      ? await writeSet(db, {
          tenant_id: tenant.id,
          backup_schedule_id: schedule_id,
          run_id,
          attempt,
          status: end.status === "success" ? "success" : "partial",
          types: end.types,
          names: end.names ?? null,
          read_from: end.read_from ?? null,
        })
      : null;
    const before = await db.backupSchedule.findFirstOrThrow({ where: { id: schedule_id } });
    const summary = summarize(run, end, set, before.may_be_empty);
    await db.$executeRaw`
      UPDATE backup_schedule_runs
      SET status = ${end.status}::run_status, finished_at = clock_timestamp(), progress = NULL,
          error_code = ${end.error_code}, error_message = ${end.error_message}, backup_set_id = ${set?.id ?? null},
          summary = ${JSON.stringify(summary)}::jsonb || jsonb_build_object('duration_ms',
            round(extract(epoch FROM clock_timestamp() - coalesce(started_at, clock_timestamp())) * 1000))
      WHERE id = ${run_id}`;
    await db.stagedItem.deleteMany({ where: { run_id } });
    await db.stagedSeen.deleteMany({ where: { run_id } });
    const healed = await putNamesBack(db, tenant.id, end.names);
    if (healed.length > 0) audit(healedEntry(run_id, healed));
    await verifyHealedSets(db, tenant.id, run_id);
    await recordOnSchedule(context, before, run_id, end);
    audit({
      action: `run.${end.status === "success" ? "succeeded" : end.status}`,
      target: { kind: "run", id: run_id },
      details: {
        schedule_id,
        schedule_name: before.name,
        backup_set_id: set?.id ?? null,
        items: set?.item_count ?? 0,
        error_code: end.error_code,
        attempts: run.attempt - run.uncounted_attempts,
      },
    });
    // What a restore reads is no backup, and whoever restores is told there.
    const isReading = run.trigger === "restore";
    if ((end.status === "failed" || end.status === "partial") && !isReading) {
      await sendNotification(db, tenant.id, {
        kind: end.status === "failed" ? "run.failed" : "run.partial",
        title: end.status === "failed" ? "Backup failed" : "Backup incomplete",
        body: `"${before.name}": ${end.error_message ?? meaningOf(end.error_code)}`,
        link: `/tenants/${tenant.id}/runs/${run_id}`,
        data: { run_id, schedule_id, error_code: end.error_code },
      });
    }
    if (!isReading) await tellWhoStarted(context, run, before.name, end, set?.item_count ?? 0);
    const isDeleted = before.deleted_at !== null;
    const ended = { tenant_id: tenant.id, run_id, schedule_id, name: before.name, isReading, isDeleted };
    const isWhole = end.status === "success" && !isReading;
    await raiseAlerts(db, [
      ...alertsOfEnd(ended, end, set),
      ...(isWhole && (await hasHeartbeat(db, tenant.id)) ? [completeBackup(ended)] : []),
    ]);
    if (set) {
      await enqueue(db, applyRetentionJob, [
        { data: { tenant_id: tenant.id, backup_schedule_id: schedule_id } },
      ]);
    }
    if (set && set.changes.added + set.changes.changed > 0)
      await enqueue(db, indexContentsJob, [{ data: { tenant_id: tenant.id }, tenantId: tenant.id }]);
    const baseline = set && (await db.baseline.findFirst({ select: { tenant_id: true } }));
    // Of what a restore reads, nobody is told who changed it but with the drift that it shows.
    if (set && hasChangesToAttribute(set.changes) && (!isReading || baseline)) {
      await enqueue(db, changeAuthorsJob, [
        { data: { tenant_id: tenant.id, backup_set_id: set.id }, tenantId: tenant.id },
      ]);
    }
    if (set && baseline) {
      await enqueue(db, compareDriftJob, [
        { data: { tenant_id: tenant.id, backup_set_id: set.id }, tenantId: tenant.id },
      ]);
    }
    if (set && (await hasSettingsToLearn(db, set.changes))) {
      await enqueue(db, learnDefinitionsJob, [{ data: { tenant_id: tenant.id }, tenantId: tenant.id }]);
    }
    await notifyLive(db, [
      { tenant_id: tenant.id, topic: "run", id: run_id },
      { tenant_id: tenant.id, topic: "schedule", id: schedule_id },
      ...(set ? [{ tenant_id: tenant.id, topic: "set" as const, id: set.id }] : []),
    ]);
    const backup_set_id = set?.id ?? null;
    context.afterCommit(() => {
      const untilNow = run.started_at && context.now.getTime() - run.started_at.getTime();
      const seconds = untilNow === null ? null : (untilNow + performance.now() - began) / 1_000;
      const { status, error_code } = end;
      tellRunEnd(run, { status, error_code, backup_set_id, items: set?.item_count ?? 0, seconds });
    });
    return { backup_set_id };
  },
});

/**
 * Tells who started a run how it ended, whatever their role: they wait for it. Who answers for the backups hears of a
 * failed or partial one anyway; nobody hears of the same end twice.
 */
async function tellWhoStarted(
  { db, tenant }: OperationContext,
  run: BackupScheduleRun,
  scheduleName: string,
  end: RunEnd,
  items: number,
): Promise<void> {
  if (run.requested_by === null) return;
  const troubled = end.status === "failed" || end.status === "partial";
  if (troubled && (await isResponsible(db, tenant.id, run.requested_by))) return;
  // Who started many at once watched them, or hears of those alone that are not whole.
  if (!troubled && (await isOneOfMany(db, run))) return;
  const outcome = {
    success: `succeeded: ${items === 1 ? "1 item is" : `${items} items are`} in its backup set.`,
    partial: `is incomplete: ${end.error_message ?? meaningOf(end.error_code)}`,
    failed: `failed: ${end.error_message ?? meaningOf(end.error_code)}`,
    canceled: "was canceled; no backup set was made.",
    skipped: `was skipped: ${end.error_message ?? meaningOf(end.error_code)}`,
  }[end.status];
  await sendNotification(db, tenant.id, {
    kind: "run.ended",
    doer: run.requested_by,
    title: troubled ? "Your run is not whole" : "Your run has ended",
    body: `"${scheduleName}" ${outcome}`,
    link: `/tenants/${tenant.id}/runs/${run.id}`,
    data: { run_id: run.id, schedule_id: run.backup_schedule_id, error_code: end.error_code },
  });
}

/** Whether others were started with a run: all of one transaction bear its time, and their ids are near. */
async function isOneOfMany(db: Tx, { id, created_at, requested_by }: BackupScheduleRun): Promise<boolean> {
  const others = await db.backupScheduleRun.count({
    where: { id: { not: id, gte: id - bulkMost, lte: id + bulkMost }, requested_by, created_at },
  });
  return others > 0;
}

/** Whether somebody waits for complete backups: else nothing is written of the many that there are. */
async function hasHeartbeat(db: Tx, tenantId: number): Promise<boolean> {
  const where = { tenant_id: tenantId, kind: "heartbeat", is_enabled: true };
  return (await db.alertTarget.findFirst({ where, select: { id: true } })) !== null;
}

/** Puts the stored names of the set right, if they were found damaged. @returns the hash, if so */
async function putNamesBack(db: Tx, tenantId: number, names: RunEnd["names"]): Promise<string[]> {
  const document = names && (await provenDocument(names));
  return document ? putBack(db, tenantId, [{ sha256: names.sha256, document }]) : [];
}

/** Whether somebody changed something since the set before. In a schedule's first set everything is merely new. */
function hasChangesToAttribute({ added, changed, removed, unchanged }: WrittenSet["changes"]): boolean {
  return changed + removed > 0 || (added > 0 && unchanged > 0);
}

/** Whether there may be settings that nobody has asked Microsoft the names of. */
async function hasSettingsToLearn(db: Tx, { added, changed }: WrittenSet["changes"]): Promise<boolean> {
  if (added + changed > 0) return true;
  const learned = await db.$queryRaw<unknown[]>`
    SELECT FROM definition_looks l JOIN connections c ON c.tenant_id = l.tenant_id AND c.cloud::text = l.cloud
    WHERE l.is_complete AND l.begun_at > now() - make_interval(days => ${lookAnewDays})`;
  return learned.length === 0;
}

function meaningOf(code: RunErrorCode | null): string {
  return code ? runErrors[code].meaning : "Something is missing.";
}

function summarize(
  run: Pick<BackupScheduleRun, "trigger" | "attempt" | "uncounted_attempts" | "missed_occurrences">,
  end: RunEnd,
  set: { bytes: RunSummary["bytes"]; changes: RunSummary["changes"] } | null,
  mayBeEmpty: boolean,
): RunSummary {
  const policies = Object.values(end.types).filter(({ kind }) => kind === "policy");
  const empty = end.status === "success" && !mayBeEmpty && policies.every(({ captured }) => captured === 0);
  const of = (kind: "policy" | "foundation") =>
    Object.fromEntries(Object.entries(end.types).filter(([, type]) => type.kind === kind));
  return {
    trigger: run.trigger,
    attempts: run.attempt - run.uncounted_attempts,
    types: of("policy"),
    foundations: of("foundation"),
    missed_occurrences: run.missed_occurrences,
    ...(empty ? { empty } : {}),
    ...(set?.bytes ? { bytes: set.bytes } : {}),
    ...(set?.changes ? { changes: set.changes } : {}),
    ...(attemptedNothing(run, end) && end.error_message ? { reason: end.error_message } : {}),
  };
}

function attemptedNothing(run: { attempt: number }, end: RunEnd): boolean {
  return end.status === "skipped" || (end.status === "canceled" && run.attempt === 0);
}

/**
 * Keeps the schedule's last run and failure streak. After `pause_after_failures` failed runs in a row the
 * schedule is paused, and who is responsible is told; a success after failures tells them that it recovered.
 */
async function recordOnSchedule(
  { db, tenant, audit }: OperationContext,
  before: BackupSchedule,
  runId: number,
  end: RunEnd,
): Promise<void> {
  const scheduleId = before.id;
  const failed = end.status === "failed";
  const recovered = end.status === "success" || end.status === "partial";
  const streak = failed ? before.failure_streak + 1 : recovered ? 0 : before.failure_streak;
  const pause =
    failed && before.is_enabled && before.pause_after_failures > 0 && streak >= before.pause_after_failures;
  await recordLastRuns(db, [runId]);
  if (streak !== before.failure_streak) {
    await db.$executeRaw`UPDATE backup_schedules SET failure_streak = ${streak} WHERE id = ${scheduleId}`;
  }
  if (pause) {
    audit({
      action: "schedule.paused",
      target: { kind: "schedule", id: scheduleId },
      details: { name: before.name, failure_streak: streak, error_code: end.error_code },
    });
    await pauseSchedule(db, {
      schedule_id: scheduleId,
      tenant_id: tenant.id,
      name: before.name,
      reason: `Paused after ${inARow(streak)}. Last: ${end.error_message ?? meaningOf(end.error_code)}`,
      told: `was paused after ${inARow(streak)}. Fix the cause, then enable it again.`,
      data: { failure_streak: streak },
    });
  }
  // A partial run between ends the streak, and nobody was told that it is well again.
  const mayRecover =
    end.status === "success" && before.last_run_status !== "success" && before.origin === "people";
  const failures = mayRecover ? await failuresBefore(db, scheduleId, runId) : 0;
  if (failures > 0) {
    await sendNotification(db, tenant.id, {
      kind: "run.recovered",
      title: "Backup recovered",
      body: `"${before.name}" succeeded again after ${counted(failures, "failed run")}.`,
      link: `/tenants/${tenant.id}/runs/${runId}`,
      data: { run_id: runId, schedule_id: scheduleId },
    });
  }
}

/** How many runs of a schedule failed between this one and the success before it. */
async function failuresBefore(db: Tx, scheduleId: number, runId: number): Promise<number> {
  const [found] = await db.$queryRaw<{ failures: number }[]>`
    SELECT count(*)::int AS failures FROM backup_schedule_runs
    WHERE backup_schedule_id = ${scheduleId} AND id < ${runId} AND status = 'failed' AND id > coalesce((
      SELECT id FROM backup_schedule_runs
      WHERE backup_schedule_id = ${scheduleId} AND id < ${runId} AND status = 'success' ORDER BY id DESC LIMIT 1), 0)`;
  return found?.failures ?? 0;
}

/** `1 failed run`, `5 failed runs in a row`. */
function inARow(streak: number): string {
  return `${counted(streak, "failed run")}${streak === 1 ? "" : " in a row"}`;
}
