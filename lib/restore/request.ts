import { randomUUID } from "node:crypto";
import { z } from "zod";
import { raiseAlerts } from "#lib/alerts/raise";
import { isOver } from "#lib/connection/write-credential";
import { AppError, fieldError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { enqueue } from "#lib/jobs/enqueue";
import { executeRestoreJob } from "#lib/jobs/execute-restore";
import { restoreItemsMost } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { sendNotification } from "#lib/notifications/send";
import { type OperationContext, operation } from "#lib/operation";
import { lockRestore } from "./change-plan.ts";
import { eraseSecrets } from "./erase-secrets.ts";
import { forgetDecisions, keepDecisions } from "./kept-decisions.ts";
import { movedSincePlan } from "./planned-for.ts";
import { restoreById, typesOf } from "./present.ts";
import { planContextOf } from "./rows.ts";
import { activeStatuses, type Restore, reasonField } from "./schema.ts";
import { readRestoreSettings } from "./settings.ts";
import { isAsPlanned, type StoredPlan } from "./stored-plan.ts";
import { restoreView } from "./views.ts";

const restoreInput = z.strictObject({ restore_id: idSchema });

/**
 * Gives a restore its place with the worker: one at a time a tenant.
 * @param onlyItemId the policy whose second step alone is taken; null: all that is left is written
 * @throws AppError CONFLICT without a connection for writing, where that leads to another tenant of Microsoft's than was
 *   planned for, or while another restore is at work
 */
async function queueRestore(
  { db, tenant, now }: OperationContext,
  restoreId: number,
  onlyItemId: number | null = null,
): Promise<void> {
  const connection = await db.writeConnection.findFirst({ omit: { credential_ciphertext: true } });
  if (!connection || isOver(connection, now))
    throw new AppError(
      "CONFLICT",
      "There is no connection for writing, or its time is over. Save one first.",
    );
  const { known } = await db.restore.findFirstOrThrow({ where: { id: restoreId }, select: { known: true } });
  const moved = await movedSincePlan(db, known);
  if (moved) throw new AppError("CONFLICT", moved);
  await db.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('tenantpilot.restores', ${tenant.id}))::text`;
  const other = await db.restore.findFirst({
    where: { status: { in: [...activeStatuses] }, id: { not: restoreId } },
    select: { id: true },
  });
  if (other)
    throw new AppError(
      "CONFLICT",
      `Restore ${other.id} is at work. One restore at a time writes to a tenant.`,
    );
  const job_id = randomUUID();
  await db.restore.update({
    where: { id: restoreId },
    data: {
      status: "queued",
      job_id,
      stop_requested_at: null,
      only_item_id: onlyItemId,
      error_code: null,
      error_message: null,
      ended_at: null,
      version: { increment: 1 },
    },
  });
  await enqueue(db, executeRestoreJob, [
    { id: job_id, data: { tenant_id: tenant.id, restore_id: restoreId }, tenantId: tenant.id, priority: 10 },
  ]);
}

/**
 * Whoever asks, as a person. A token's maker has its secret, and may do no less than it may: what it asks for they do not
 * approve. Of a token from the command line nobody knows who that is.
 */
async function personBehind({ db, actor }: OperationContext): Promise<number | null> {
  if (actor.kind === "user") return actor.id;
  if (actor.kind !== "token" || actor.id === null) return null;
  const token = await db.apiToken.findFirst({ where: { id: actor.id }, select: { created_by: true } });
  return token?.created_by ?? null;
}

async function told({ db, tenant }: OperationContext, restoreId: number): Promise<Restore> {
  await notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id: restoreId }]);
  return restoreById(db, restoreId);
}

/**
 * Asks for a planned restore to be carried out. Where the tenant wants two people, somebody else has to approve it.
 * @throws AppError NOT_FOUND; VALIDATION_FAILED at `confirmations` or `count` when what they name is not all that asks to
 *   be confirmed; CONFLICT when nothing would be written, or something else than was planned, without a connection for
 *   writing, or while another is at work
 */
export const requestRestore = operation({
  name: "restore.request",
  permission: "restore:execute",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({
    restore_id: idSchema,
    reason: reasonField,
    confirmations: z
      .array(idSchema)
      .max(restoreItemsMost)
      .default([])
      .meta({ description: "Ids of the items that ask for a confirmation of their own: all of them" }),
    count: z.int().optional().meta({
      description: "How many policies are written; needed where that is more than the tenant's limit",
    }),
  }),
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/request",
    operationId: "requestRestore",
    summary: "Carry out a restore",
    description: "Where the tenant wants two people, it waits until somebody else approves it.",
    tag: "Restores",
    status: 202,
    answer: "It is queued, or waits for approval",
    errors: ["CONFLICT"],
    ifMatch: true,
  },
  async run(context, { restore_id, reason, confirmations, count }) {
    const { db, tenant, actor, now, audit, requireVersion } = context;
    const row = await lockRestore(db, restore_id, ["planned"], "Only a planned restore can be carried out.");
    requireVersion(row.version);
    // What references stand for is everybody's who plans from that tenant: from here on this restore has its own.
    await keepDecisions(db, restore_id);
    const { known } = await db.restore.findFirstOrThrow({
      where: { id: restore_id },
      select: { known: true },
    });
    const decided = await planContextOf(db, tenant.id, { ...row, known });
    if (!(await isAsPlanned(db, tenant.id, restore_id, decided)))
      throw new AppError(
        "CONFLICT",
        "Something else would be done than this plan says: what references stand for was decided otherwise since, or the accounts for emergencies are others. Plan again to see it.",
      );
    const settings = await readRestoreSettings(db);
    const restore = await restoreById(db, restore_id);
    if (restore.changes === 0)
      throw new AppError("CONFLICT", "The plan changes nothing that could be written.");
    const items = await db.restoreItem.findMany({
      where: { restore_id, is_skipped: false, outcome: { in: ["update", "create", "assign"] } },
      select: { id: true, plan: true },
    });
    const asking = items.filter(
      ({ plan }) => ((plan as unknown as StoredPlan | null)?.confirm ?? []).length > 0,
    );
    const unconfirmed = asking.filter(({ id }) => !confirmations.includes(id));
    if (unconfirmed.length > 0) {
      const names = unconfirmed.map(({ id }) => id).join(", ");
      throw fieldError(
        "confirmations",
        `must name every item that asks for a confirmation of its own: ${names}`,
      );
    }
    if (restore.changes > settings.mass_change_limit && count !== restore.changes)
      throw fieldError(
        "count",
        `must be ${restore.changes}: so many policies would be written, and that is over the limit`,
      );
    await db.restore.update({
      where: { id: restore_id },
      data: {
        reason,
        requested_at: now,
        requested_by: await personBehind(context),
        requested_by_name: actor.name,
        approved_at: null,
        approved_by: null,
        approved_by_name: null,
        confirmed_items: asking.map(({ id }) => id),
      },
    });
    await db.$executeRaw`
      UPDATE restore_items SET changed_at = clock_timestamp(), state = CASE
        WHEN is_skipped THEN 'skipped'
        WHEN outcome = 'unchanged' THEN 'unchanged'
        WHEN outcome IN ('blocked', 'impossible') THEN 'blocked'
        ELSE 'pending' END
      WHERE restore_id = ${restore_id}`;
    audit({
      action: "restore.requested",
      target: { kind: "restore", id: restore_id },
      details: {
        reason,
        policies: restore.changes,
        confirmed: asking.length,
        two_people: settings.two_people,
      },
    });
    const policies = restore.changes === 1 ? "1 policy" : `${restore.changes} policies`;
    const body = `${actor.name} asks to write ${policies}: ${reason}`;
    await raiseAlerts(db, [
      {
        kind: "restore.requested",
        tenant_id: tenant.id,
        title: "Restore requested",
        body,
        link: `/tenants/${tenant.id}/restores/${restore_id}`,
        data: { restore_id, policies: restore.changes, needs_approval: settings.two_people },
        policy_types: await typesOf(db, restore_id),
      },
    ]);
    if (!settings.two_people) {
      await queueRestore(context, restore_id);
      return told(context, restore_id);
    }
    await db.restore.update({
      where: { id: restore_id },
      data: { status: "awaiting_approval", version: { increment: 1 } },
    });
    await sendNotification(db, tenant.id, {
      kind: "restore.awaiting_approval",
      title: "A restore waits for approval",
      body,
      link: `/tenants/${tenant.id}/restores/${restore_id}`,
      data: { restore_id },
    });
    return told(context, restore_id);
  },
});

/**
 * Approves a restore that waits for it: somebody else than who asked, and the plan that they have read.
 * @throws AppError NOT_FOUND, FORBIDDEN for who asked, CONFLICT
 */
export const approveRestore = operation({
  name: "restore.approve",
  permission: "restore:approve",
  effect: "write",
  input: restoreInput,
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/approve",
    operationId: "approveRestore",
    summary: "Approve a restore",
    description: "For another person than who asked for it. If-Match names the version that they have read.",
    tag: "Restores",
    status: 202,
    answer: "It is queued",
    body: null,
    errors: ["CONFLICT"],
    ifMatch: true,
  },
  async run(context, { restore_id }) {
    const { db, actor, now, audit, requireVersion } = context;
    const restore = await lockRestore(
      db,
      restore_id,
      ["awaiting_approval"],
      "This restore does not wait for approval.",
    );
    requireVersion(restore.version);
    if (restore.requested_by !== null && restore.requested_by === actor.id)
      throw new AppError("FORBIDDEN", "You have asked for this restore: another person has to approve it.");
    await db.restore.update({
      where: { id: restore_id },
      data: { approved_at: now, approved_by: actor.id, approved_by_name: actor.name },
    });
    audit({
      action: "restore.approved",
      target: { kind: "restore", id: restore_id },
      details: { reason: restore.reason },
    });
    await queueRestore(context, restore_id);
    return told(context, restore_id);
  },
});

/** Refuses a restore that waits for approval: it is a plan again. @throws AppError NOT_FOUND, CONFLICT */
export const refuseRestore = operation({
  name: "restore.refuse",
  permission: "restore:approve",
  effect: "write",
  input: restoreInput,
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/refuse",
    operationId: "refuseRestore",
    summary: "Refuse a restore",
    tag: "Restores",
    answer: "It is a plan again",
    body: null,
    errors: ["CONFLICT"],
    ifMatch: true,
  },
  async run(context, { restore_id }) {
    const { db, audit, requireVersion } = context;
    const { version } = await lockRestore(
      db,
      restore_id,
      ["awaiting_approval"],
      "This restore does not wait for approval.",
    );
    requireVersion(version);
    await db.restore.update({
      where: { id: restore_id },
      data: { status: "planned", version: { increment: 1 } },
    });
    await forgetDecisions(db, restore_id);
    audit({ action: "restore.refused", target: { kind: "restore", id: restore_id } });
    return told(context, restore_id);
  },
});

/**
 * Stops a restore between two policies: what was begun is finished, the rest is left as it is and can go on later. One that
 * waits for approval here is a plan again.
 * @throws AppError NOT_FOUND, CONFLICT
 */
export const stopRestore = operation({
  name: "restore.stop",
  permission: "restore:execute",
  effect: "write",
  input: restoreInput,
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/stop",
    operationId: "stopRestore",
    summary: "Stop a restore between two policies",
    tag: "Restores",
    status: 202,
    answer: "It stops, or has stopped",
    body: null,
    errors: ["CONFLICT"],
  },
  async run(context, { restore_id }) {
    const { db, now, audit } = context;
    const restore = await lockRestore(
      db,
      restore_id,
      ["awaiting_approval", ...activeStatuses],
      "This restore is not at work.",
    );
    const version = { increment: 1 };
    const target = { kind: "restore" as const, id: restore_id };
    if (restore.status === "running") {
      await db.restore.update({ where: { id: restore_id }, data: { stop_requested_at: now, version } });
      audit({ action: "restore.stop_requested", target });
    } else if (restore.status === "awaiting_approval") {
      await db.restore.update({ where: { id: restore_id }, data: { status: "planned", version } });
      await forgetDecisions(db, restore_id);
      audit({ action: "restore.stopped", target });
    } else {
      await db.restore.update({
        where: { id: restore_id },
        data: { status: "stopped", stop_requested_at: now, ended_at: now, version },
      });
      audit({ action: "restore.stopped", target });
    }
    return told(context, restore_id);
  },
});

/**
 * Has a restore go on that was stopped, failed before its end, or came to it with problems. Policies that failed are tried
 * again.
 * @throws AppError NOT_FOUND, CONFLICT
 */
export const resumeRestore = operation({
  name: "restore.resume",
  permission: "restore:execute",
  effect: "write",
  input: restoreInput,
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/resume",
    operationId: "resumeRestore",
    summary: "Have a restore go on",
    description: "One that was stopped, or of which policies failed: these are tried again.",
    tag: "Restores",
    status: 202,
    answer: "It is queued",
    body: null,
    errors: ["CONFLICT"],
  },
  async run(context, { restore_id }) {
    const { db, audit } = context;
    const { status } = await lockRestore(
      db,
      restore_id,
      ["stopped", "failed", "done_with_problems"],
      "Only a restore that was stopped, that failed, or of which policies failed can go on.",
    );
    const again = await db.$executeRaw`
      UPDATE restore_items
      SET state = CASE WHEN sent IS NULL THEN 'pending' ELSE 'writing' END, error_code = NULL, error_message = NULL,
          phase = CASE WHEN sent IS NULL THEN NULL ELSE coalesce(phase, 'check') END, changed_at = clock_timestamp()
      WHERE restore_id = ${restore_id} AND later_taken_at IS NULL
        AND (state = 'failed' OR state = 'blocked' AND error_code IS NOT NULL)`;
    // A second step is taken by name, and by whoever may.
    if (status === "done_with_problems" && again === 0)
      throw new AppError(
        "CONFLICT",
        "There is nothing to try again: what was restored with differences is not written again, and a policy is enabled by name.",
      );
    await queueRestore(context, restore_id);
    audit({ action: "restore.resumed", target: { kind: "restore", id: restore_id } });
    return told(context, restore_id);
  },
});

/** Puts a plan away that nobody wants. It stays in the list. @throws AppError NOT_FOUND, CONFLICT */
export const discardRestore = operation({
  name: "restore.discard",
  permission: "restore:plan",
  effect: "write",
  input: restoreInput,
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/discard",
    operationId: "discardRestore",
    summary: "Discard a plan",
    tag: "Restores",
    answer: "It is discarded",
    body: null,
    errors: ["CONFLICT"],
  },
  async run(context, { restore_id }) {
    const { db, audit } = context;
    await lockRestore(
      db,
      restore_id,
      ["planning", "planned", "plan_failed", "awaiting_approval"],
      "It was carried out, or is: it cannot be discarded.",
    );
    await db.restore.update({
      where: { id: restore_id },
      data: { status: "discarded", version: { increment: 1 } },
    });
    await eraseSecrets(db, restore_id, "all");
    audit({ action: "restore.discarded", target: { kind: "restore", id: restore_id } });
    return told(context, restore_id);
  },
});

/**
 * Takes the second step of a restored policy: enables a conditional access policy that was created report-only. The worker
 * does it, after one more look at the guards, and nothing else: what a stopped restore has left to write stays so.
 * @throws AppError NOT_FOUND; FORBIDDEN for who asked, where the tenant wants two people; CONFLICT
 */
export const takeLaterStep = operation({
  name: "restore.take_later",
  permission: "restore:approve",
  effect: "write",
  input: z.strictObject({ restore_id: idSchema, item_id: idSchema }),
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/items/{itemId}/enable",
    operationId: "enableRestoredPolicy",
    summary: "Enable a restored conditional access policy",
    description: "New ones are created report-only; a person enables each by name.",
    tag: "Restores",
    status: 202,
    answer: "It is queued",
    body: null,
    errors: ["CONFLICT"],
  },
  async run(context, { restore_id, item_id }) {
    const { db, actor, now, audit } = context;
    const restore = await lockRestore(
      db,
      restore_id,
      ["done", "done_with_problems", "stopped"],
      "The restore has not come to its end yet.",
    );
    const item = await db.restoreItem.findFirst({
      where: { id: item_id, restore_id },
      select: {
        id: true,
        display_name: true,
        plan: true,
        state: true,
        is_created: true,
        later_taken_at: true,
      },
    });
    if (!item) throw new AppError("NOT_FOUND", "There is no such policy in this restore.");
    const later = (item.plan as unknown as StoredPlan | null)?.later ?? [];
    const isWritten = item.state === "done" || item.state === "done_with_differences";
    const hasFailed = item.state === "failed" || item.state === "blocked";
    const isDue = item.later_taken_at === null ? isWritten : hasFailed;
    if (!item.is_created || later.length === 0 || !isDue)
      throw new AppError("CONFLICT", "There is no second step to take for this policy.");
    const settings = await readRestoreSettings(db);
    if (settings.two_people && restore.requested_by !== null && restore.requested_by === actor.id)
      throw new AppError(
        "FORBIDDEN",
        "You have asked for this restore: another person has to enable its policies.",
      );
    await db.restoreItem.update({
      where: { id: item_id },
      data: {
        state: "pending",
        phase: null,
        later_taken_at: now,
        later_taken_by: actor.name,
        changed_at: now,
      },
    });
    await queueRestore(context, restore_id, item_id);
    audit({
      action: "restore.item_enabled",
      target: { kind: "restore", id: restore_id },
      details: { item_id, display_name: item.display_name },
    });
    return told(context, restore_id);
  },
});
