import { randomUUID } from "node:crypto";
import { z } from "zod";
import { raiseAlerts } from "#lib/alerts/raise";
import { connectionOrFaultView, readConnection } from "#lib/connection/store";
import { isOver, openWriteConnection, restoreItemFields } from "#lib/connection/write-credential";
import { type RestoreItem as ItemRow, Prisma, type Restore } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { GraphError } from "#lib/graph/errors";
import { idSchema } from "#lib/ids";
import { enqueue } from "#lib/jobs/enqueue";
import { executeRestoreJob } from "#lib/jobs/execute-restore";
import { notifyLive } from "#lib/live/notify";
import { sendNotification } from "#lib/notifications/send";
import { operation } from "#lib/operation";
import { sealCredential } from "#lib/sealed-credential";
import { eraseSecrets } from "./erase-secrets.ts";
import { matchAll } from "./match-set.ts";
import type { PlanContext } from "./plan-all.ts";
import { isFromElsewhere, movedSincePlan } from "./planned-for.ts";
import { typesOf } from "./present.ts";
import { planContextOf } from "./rows.ts";
import type { ItemState, RestoreErrorCode } from "./schema.ts";
import { plannableItems } from "./stored-plan.ts";

/** This worker no longer owns the restore: another took it up, or somebody ended it. It must write nothing more. */
export class RestoreLost extends Error {
  constructor(restoreId: number) {
    super(`Restore ${restoreId} is no longer this worker's`);
    this.name = "RestoreLost";
  }
}

/** What was about to be sent: written before it is. */
export interface Sent {
  method: string;
  path: string;
  /** It makes an object. */
  creates: boolean;
  /** It adds to one. */
  adds?: true;
  at: string;
  /** Null until an answer is noted: until then nobody knows whether it was done. */
  answered_at: string | null;
  /** What the policy was like when the item ended half-way; left out where it goes on, or nobody could look. */
  left_sha256?: string;
}

/** A write that waits for approval, as it was sent. */
export interface WaitingWrite {
  method: "POST" | "PATCH" | "PUT";
  version: "v1.0" | "beta";
  path: string;
  body: string;
  code: string;
  creates: boolean;
  adds?: true;
  /** Nothing of the item was written before it. */
  first?: true;
}

const begunView = z.strictObject({ restore: z.custom<Restore>() });

const loadedView = z.strictObject({
  rows: z.array(z.custom<ItemRow>()),
  context: z.custom<PlanContext>(),
  reading: connectionOrFaultView,
  writing: connectionOrFaultView.nullable(),
  moved: z
    .string()
    .nullable()
    .meta({ description: "Why the plan is not for the tenant that the connection leads to" }),
});

/**
 * Takes up a restore: counts its attempt up, which fences off every earlier worker.
 * @returns null when there is nothing to do: it has ended, or is another job's
 */
export const beginExecution = operation({
  name: "restore.begin_execution",
  permission: "restore:work",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({ restore_id: idSchema, job_id: z.uuid() }),
  output: begunView.nullable(),
  async run({ db, tenant, audit, unchanged }, { restore_id, job_id }) {
    const begun = await db.$queryRaw<{ attempt: number }[]>`
      UPDATE restores SET attempt = attempt + 1, status = 'running', started_at = coalesce(started_at, now())
      WHERE id = ${restore_id} AND job_id = ${job_id}::uuid AND status IN ('queued', 'running', 'waiting')
      RETURNING attempt`;
    if (begun.length === 0) {
      unchanged();
      return null;
    }
    const restore = await db.restore.findFirstOrThrow({ where: { id: restore_id } });
    if (restore.attempt === 1)
      audit({ action: "restore.began", target: { kind: "restore", id: restore_id } });
    else unchanged();
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id: restore_id }]);
    return { restore };
  },
});

/** What a restore that was taken up works with. */
export const loadExecution = operation({
  name: "restore.load_execution",
  permission: "restore:work",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ restore_id: idSchema }),
  output: loadedView,
  async run({ db, tenant, now }, { restore_id }) {
    const restore = await db.restore.findFirstOrThrow({ where: { id: restore_id } });
    const orFault = (error: unknown) => {
      if (error instanceof GraphError) return error;
      throw error;
    };
    return {
      rows: await db.restoreItem.findMany({ where: { restore_id }, orderBy: { id: "asc" } }),
      context: await planContextOf(db, tenant.id, restore),
      reading: await readConnection(db, tenant.id).catch(orFault),
      writing: await openWriteConnection(db, tenant.id, now).catch(orFault),
      moved: await movedSincePlan(db, restore.known),
    };
  },
});

interface Held {
  stop: boolean;
  /** The connection for writing is there, and its time is not over. */
  mayWrite: boolean;
}

/** Makes sure that the restore is still this attempt's, and keeps it so until the transaction ends. @throws RestoreLost */
async function hold(db: Tx, now: Date, restoreId: number, attempt: number): Promise<Held> {
  const [held] = await db.$queryRaw<{ stop: boolean }[]>`
    SELECT stop_requested_at IS NOT NULL AS stop FROM restores
    WHERE id = ${restoreId} AND attempt = ${attempt} AND status = 'running' FOR NO KEY UPDATE`;
  if (!held) throw new RestoreLost(restoreId);
  const connection = await db.writeConnection.findFirst({ select: { kept_until: true, saved_at: true } });
  return { stop: held.stop, mayWrite: connection !== null && !isOver(connection, now) };
}

const fenced = { restore_id: idSchema, attempt: z.int() };

/** Keeps what was live before the first write: pinned, it is what an undo is planned from. */
export const keepBefore = operation({
  name: "restore.keep_before",
  permission: "restore:work",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({ ...fenced, set_id: idSchema }),
  output: z.strictObject({
    changed: z.array(idSchema).meta({ description: "Items whose live policy is not as it was planned" }),
    stop: z.boolean().meta({ description: "Somebody asked to stop while it was read" }),
  }),
  async run({ db, tenant, now, audit }, { restore_id, attempt, set_id }) {
    const { stop } = await hold(db, now, restore_id, attempt);
    await db.backupSet.updateMany({ where: { id: set_id, pinned_at: null }, data: { pinned_at: now } });
    await db.restore.update({ where: { id: restore_id }, data: { before_set_id: set_id } });
    audit({
      action: "set.pinned",
      target: { kind: "set", id: set_id },
      details: { restore_id, why: "what was live before a restore" },
    });
    await notifyLive(db, [
      { tenant_id: tenant.id, topic: "restore", id: restore_id },
      { tenant_id: tenant.id, topic: "set", id: set_id },
    ]);
    return { changed: await changedSincePlan(db, tenant.id, restore_id, set_id), stop };
  },
});

/** The same of a restore that goes on: what was live before its first write is kept already. */
export const changedBefore = operation({
  name: "restore.changed_before",
  permission: "restore:work",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ restore_id: idSchema, set_id: idSchema }),
  output: z
    .array(idSchema)
    .nullable()
    .meta({ description: "Items whose live policy was not as it was planned; null: the set is gone" }),
  run: async ({ db, tenant }, { restore_id, set_id }) =>
    (await isKept(db, set_id)) ? changedSincePlan(db, tenant.id, restore_id, set_id) : null,
});

/** Whether a set is there: people can unpin and remove also what was live before a restore, and then it is purged. */
async function isKept(db: Tx, setId: number): Promise<boolean> {
  return (await db.backupSet.findFirst({ where: { id: setId }, select: { id: true } })) !== null;
}

/** Items whose live policy in a set is another than that which was planned, or appeared or went. */
async function changedSincePlan(
  db: Tx,
  tenantId: number,
  restoreId: number,
  setId: number,
): Promise<number[]> {
  const items = await plannableItems(db, tenantId, restoreId);
  const restore = await db.restore.findFirstOrThrow({
    where: { id: restoreId },
    select: { source_tenant_id: true, known: true },
  });
  const planned = await db.restoreItem.findMany({
    where: { restore_id: restoreId },
    select: { id: true, match: true, live_graph_id: true },
  });
  const before = new Map(planned.map((row) => [row.id, row]));
  return (await matchAll(db, setId, items, isFromElsewhere(tenantId, restore)))
    .filter(({ id, match, live_graph_id }) => {
      const was = before.get(id);
      return was?.match !== match || was.live_graph_id !== live_graph_id;
    })
    .map(({ id }) => id);
}

/** What is noted of an item. Left out: it stays. */
export interface ItemNote {
  state?: ItemState;
  phase?: "object" | "rest" | "check" | null;
  target_id?: string;
  is_created?: boolean;
  /** Null: nothing of the item was done, and it is as one that is not begun. */
  sent?: Sent | null;
  request_id?: string;
  /** Erased with the state in which it waits. */
  approval?: WaitingWrite;
  error?: { code: RestoreErrorCode; message: string } | null;
  differences?: string[] | null;
}

/**
 * Notes what is about to be done with an item, or what was. Nothing is noted of what would begin an item after somebody has
 * asked to stop: the order of both is that in which they had the restore's row, and what is not noted is not sent.
 * @throws RestoreLost
 */
export const noteItem = operation({
  name: "restore.note_item",
  permission: "restore:work",
  effect: "quiet",
  input: z.strictObject({ ...fenced, item_id: idSchema, note: z.custom<ItemNote>() }),
  output: z.strictObject({ stop: z.boolean(), mayWrite: z.boolean(), isNoted: z.boolean() }),
  async run({ db, tenant, now }, { restore_id, attempt, item_id, note }) {
    const held = await hold(db, now, restore_id, attempt);
    const { request_id, approval, error, sent, differences, ...rest } = note;
    if (held.stop && (note.state === "writing" || sent?.answered_at === null)) {
      const item = await db.restoreItem.findFirstOrThrow({
        where: { id: item_id },
        select: { state: true, sent: true },
      });
      if (item.state === "pending" || item.sent === null) return { ...held, isNoted: false };
    }
    // A write that waits is kept as long as it waits, whatever ends that.
    const kept = rest.state === undefined || rest.state === "waiting_for_approval" ? approval : null;
    await db.restoreItem.update({
      where: { id: item_id },
      data: {
        ...rest,
        changed_at: now,
        ...(sent && { sent: { ...sent } }),
        ...(sent === null && { sent: Prisma.DbNull }),
        ...(request_id !== undefined && { request_ids: { push: request_id } }),
        ...(error !== undefined && {
          error_code: error?.code ?? null,
          error_message: error?.message ?? null,
        }),
        ...(differences && { differences }),
        ...(kept === null && { approval_ciphertext: null, approval_since: null }),
        ...(kept && {
          approval_ciphertext: sealCredential(JSON.stringify(kept), tenant.id, restoreItemFields.approval),
          approval_since: now,
        }),
      },
    });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id: restore_id }]);
    return { ...held, isNoted: true };
  },
});

/** The ids that a type's objects had before the restore wrote; null when the set of that is gone. */
export const idsBefore = operation({
  name: "restore.ids_before",
  permission: "restore:work",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ set_id: idSchema, policy_type: z.string() }),
  output: z.array(z.string()).nullable(),
  async run({ db }, { set_id, policy_type }) {
    const rows = await db.$queryRaw<{ graph_id: string }[]>`
      SELECT graph_id FROM backup_items WHERE backup_set_id = ${set_id} AND policy_type = ${policy_type}`;
    // Looked at afterwards: of a set that went meanwhile it would seem that there had been nothing.
    return (await isKept(db, set_id)) ? rows.map(({ graph_id }) => graph_id) : null;
  },
});

const endView = z.discriminatedUnion("kind", [
  /** All that could be done is done. */
  z.strictObject({ kind: z.literal("ended") }),
  z.strictObject({ kind: z.literal("waiting"), again_after_seconds: z.number() }),
  z.strictObject({
    kind: z.enum(["stopped", "failed"]),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  }),
]);

export type RestoreEnd = z.infer<typeof endView>;

/** Ends an attempt: the restore has come to its end, stops, or waits. @throws RestoreLost */
export const endExecution = operation({
  name: "restore.end_execution",
  permission: "restore:work",
  effect: "write",
  input: z.strictObject({ ...fenced, end: endView }),
  output: z.string(),
  async run({ db, tenant, now, audit, unchanged }, { restore_id, attempt, end }) {
    await hold(db, now, restore_id, attempt);
    const target = { kind: "restore" as const, id: restore_id };
    const tell = () => notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id: restore_id }]);
    if (end.kind === "waiting") {
      const job_id = randomUUID();
      const restore = await db.restore.findFirstOrThrow({ where: { id: restore_id } });
      await db.restore.update({
        where: { id: restore_id },
        data: { status: "waiting", job_id, version: { increment: 1 } },
      });
      await enqueue(db, executeRestoreJob, [
        {
          id: job_id,
          data: { tenant_id: tenant.id, restore_id },
          tenantId: tenant.id,
          startAfterSeconds: end.again_after_seconds,
        },
      ]);
      // Said once: until it goes on it asks every minute.
      if (restore.error_code !== waits.code) await tellWaiting(db, tenant.id, restore_id);
      unchanged();
      await tell();
      return "waiting";
    }
    // Nothing of these was sent: whoever resumes has them looked at as those that were not begun.
    await db.restoreItem.updateMany({
      where: { restore_id, state: "writing", sent: { equals: Prisma.DbNull } },
      data: { state: "pending", phase: null },
    });
    const states = await db.restoreItem.groupBy({
      by: ["state", "error_code"],
      where: { restore_id },
      _count: true,
    });
    const problems = states.some(
      ({ state, error_code }) =>
        state === "failed" ||
        state === "done_with_differences" ||
        (state === "blocked" && error_code !== null),
    );
    const status = end.kind === "ended" ? (problems ? "done_with_problems" : "done") : end.kind;
    await eraseSecrets(db, restore_id, end.kind === "ended" ? "all" : "written");
    const error = end.kind === "ended" ? null : end.error;
    await db.restore.update({
      where: { id: restore_id },
      data: {
        status,
        ended_at: now,
        error_code: error?.code ?? null,
        error_message: error?.message ?? null,
        version: { increment: 1 },
      },
    });
    const counts = Object.fromEntries(
      [...Map.groupBy(states, ({ state }) => state)].map(([state, rows]) => [
        state,
        rows.reduce((sum, { _count }) => sum + _count, 0),
      ]),
    );
    audit({ action: `restore.${status}`, target, details: { counts, error_code: error?.code ?? null } });
    if (end.kind === "ended") {
      const forgotten = await db.writeConnection.deleteMany({
        where: { tenant_id: tenant.id, kept_until: null },
      });
      if (forgotten.count > 0)
        audit({
          action: "write_connection.forgotten",
          details: { why: "the restore has ended", restore_id },
        });
    }
    const outcome = {
      kind: status === "done" ? ("restore.done" as const) : ("restore.problems" as const),
      title: status === "done" ? "Restore done" : `Restore ${status.replaceAll("_", " ")}`,
      body:
        error?.message ??
        Object.entries(counts)
          .map(([state, count]) => `${count} ${state.replaceAll("_", " ")}`)
          .join(", "),
      link: `/tenants/${tenant.id}/restores/${restore_id}`,
      data: { restore_id },
    };
    await sendNotification(db, tenant.id, outcome);
    await raiseAlerts(db, [
      { ...outcome, tenant_id: tenant.id, policy_types: await typesOf(db, restore_id) },
    ]);
    await tell();
    return status;
  },
});

const waits = {
  code: "APPROVAL_PENDING",
  message: "Another administrator has to approve in Intune what the restore writes.",
} as const;

async function tellWaiting(db: Tx, tenantId: number, restoreId: number): Promise<void> {
  await db.restore.update({
    where: { id: restoreId },
    data: { error_code: waits.code, error_message: waits.message },
  });
  await sendNotification(db, tenantId, {
    kind: "restore.waiting",
    title: "Restore waits in Intune",
    body: waits.message,
    link: `/tenants/${tenantId}/restores/${restoreId}`,
    data: { restore_id: restoreId },
  });
}
