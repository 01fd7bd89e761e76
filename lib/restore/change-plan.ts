import { randomUUID } from "node:crypto";
import { z } from "zod";
import { connectionOrFaultView, readConnectionOrFault } from "#lib/connection/store";
import type { Restore } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { enqueue } from "#lib/jobs/enqueue";
import { planRestoreJob } from "#lib/jobs/plan-restore";
import { restoreItemsMost } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { type OperationContext, operation, operationInSteps } from "#lib/operation";
import { copyPrefix } from "./create.ts";
import { lookUpTarget, targetIdOf } from "./look-up-target.ts";
import { restoreById, restoreNotFound } from "./present.ts";
import { referencesOfRestore } from "./reference-list.ts";
import { openSecrets, planContextOf, sealSecrets } from "./rows.ts";
import { modeField, prefixField, type RestoreStatus } from "./schema.ts";
import { planStored } from "./stored-plan.ts";
import { referenceView, restoreView } from "./views.ts";

/**
 * The restore's row, locked until the end of the transaction, in one of some states.
 * @throws AppError NOT_FOUND; CONFLICT in another state
 */
export async function lockRestore(
  db: Tx,
  restoreId: number,
  allowed: readonly RestoreStatus[],
  refusal: string,
): Promise<Restore> {
  await db.$queryRaw`SELECT id FROM restores WHERE id = ${restoreId} FOR UPDATE`;
  const restore = await db.restore.findFirst({ where: { id: restoreId } });
  if (!restore) throw restoreNotFound();
  if (!(allowed as readonly string[]).includes(restore.status)) throw new AppError("CONFLICT", refusal);
  return restore;
}

/** Plans anew from what is stored, in the transaction of a change to the plan. */
async function planAnew({ db, tenant }: OperationContext, restore: Restore): Promise<void> {
  await planStored(db, tenant.id, restore.id, await planContextOf(db, tenant.id, restore));
  await db.restore.update({ where: { id: restore.id }, data: { version: { increment: 1 } } });
  await notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id: restore.id }]);
}

const notPlanned = "The plan can be changed while it is planned and nobody has asked for it yet.";

/**
 * Chooses how some policies of a plan are restored, leaves them out, or gives secrets that Graph never returns. The plan is
 * worked out anew from what was live when it was planned.
 * @throws AppError NOT_FOUND, CONFLICT, VALIDATION_FAILED
 */
export const changeRestoreItems = operation({
  name: "restore.change_items",
  permission: "restore:plan",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({
    restore_id: idSchema,
    item_ids: z
      .array(idSchema)
      .min(1, "must name at least one")
      .max(restoreItemsMost)
      .meta({ description: "Of this restore" }),
    mode: modeField.optional(),
    prefix: prefixField.optional(),
    is_skipped: z.boolean().optional().meta({ description: "true: it is left as it is" }),
    secrets: z
      .record(z.string().max(500), z.string().min(1, "must not be empty").max(100_000))
      .optional()
      .meta({
        description: "By path, for one item: values that Graph never returns; they are stored encrypted",
      }),
  }),
  output: restoreView,
  http: {
    method: "PATCH",
    path: "/tenants/{tenantId}/restores/{restoreId}/items",
    operationId: "changeRestoreItems",
    summary: "Change how policies of a plan are restored",
    tag: "Restores",
    answer: "The restore, planned anew",
    errors: ["CONFLICT"],
  },
  async run(context, { restore_id, item_ids, mode, prefix, is_skipped, secrets }) {
    const { db, tenant, audit } = context;
    const restore = await lockRestore(db, restore_id, ["planned"], notPlanned);
    const items = await db.restoreItem.findMany({
      where: { restore_id, id: { in: item_ids } },
      select: { id: true, mode: true, prefix: true, secrets_ciphertext: true },
    });
    if (items.length < new Set(item_ids).size)
      throw new AppError("NOT_FOUND", "There is no such policy in this restore.");
    if (secrets && items.length > 1) throw fieldError("secrets", "can be given for one policy at a time");
    for (const item of items) {
      const next = mode ?? item.mode;
      if (prefix !== undefined && next !== "copy") throw fieldError("prefix", "is for copies alone");
      const day = restore.created_at.toISOString().slice(0, 10);
      await db.restoreItem.update({
        where: { id: item.id },
        data: {
          mode: next,
          prefix: next === "copy" ? (prefix ?? item.prefix ?? copyPrefix(day)) : null,
          ...(is_skipped === undefined ? {} : { is_skipped }),
          ...(secrets && {
            secrets_ciphertext: sealSecrets(
              new Map([...openSecrets(item.secrets_ciphertext, tenant.id), ...Object.entries(secrets)]),
              tenant.id,
            ),
          }),
        },
      });
    }
    await planAnew(context, restore);
    audit({
      action: "restore.changed",
      target: { kind: "restore", id: restore_id },
      details: { policies: items.length, mode, prefix, is_skipped, secrets: Object.keys(secrets ?? {}) },
    });
    return restoreById(db, restore_id);
  },
});

/** What the policies of a restore refer to; those that somebody must decide come first. @throws AppError NOT_FOUND */
export const listRestoreReferences = operation({
  name: "restore.references",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ restore_id: idSchema }),
  output: z.array(referenceView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/restores/{restoreId}/references",
    operationId: "listRestoreReferences",
    summary: "What the policies of a restore refer to",
    tag: "Restores",
    answer: "Those that somebody must decide first",
  },
  async run({ db, tenant }, { restore_id }) {
    const restore = await db.restore.findFirst({ where: { id: restore_id } });
    if (!restore) throw restoreNotFound();
    return restore.planned_at === null ? [] : referencesOfRestore(db, tenant.id, restore);
  },
});

const decisionField = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("map"),
      target_id: z.string().trim().min(1, "must not be empty").max(500),
      target_name: z.string().max(500).optional(),
    }),
    z.strictObject({ kind: z.literal("leave_out") }),
    z.strictObject({ kind: z.literal("undecided") }),
  ])
  .meta({ description: "What it stands for in this tenant" });

const decisionInput = {
  restore_id: idSchema,
  kind: z.string().min(1).max(50).meta({ description: "Of the reference, as its list says" }),
  source_id: z.string().min(1).max(500).meta({ description: "What the backup refers to" }),
  decision: decisionField,
};

const loadForDecision = operation({
  name: "restore.load_for_decision",
  permission: "restore:plan",
  effect: "read",
  input: z.strictObject({ restore_id: idSchema, kind: z.string(), target_id: z.string() }),
  output: z.strictObject({
    connection: connectionOrFaultView,
    in_live_set: z.string().nullable().meta({ description: "What a policy of this id is called there" }),
  }),
  async run({ db, tenant }, { restore_id, kind, target_id }) {
    const restore = await db.restore.findFirst({ where: { id: restore_id } });
    if (!restore) throw restoreNotFound();
    if (restore.status !== "planned") throw new AppError("CONFLICT", notPlanned);
    const [policy] =
      kind === "policy" && restore.live_set_id !== null
        ? await db.$queryRaw<{ display_name: string }[]>`
            SELECT display_name FROM backup_items
            WHERE backup_set_id = ${restore.live_set_id} AND graph_id = ${target_id} LIMIT 1`
        : [];
    return {
      connection: await readConnectionOrFault(db, tenant.id),
      in_live_set: policy?.display_name ?? null,
    };
  },
});

const recordDecision = operation({
  name: "restore.record_decision",
  permission: "restore:plan",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({
    ...decisionInput,
    is_checked: z.boolean(),
    not_checked: z.string().nullable(),
  }),
  output: restoreView,
  async run(context, { restore_id, kind, source_id, decision, is_checked, not_checked }) {
    const { db, tenant, actor, now, audit } = context;
    const restore = await lockRestore(db, restore_id, ["planned"], notPlanned);
    const { source_tenant_id } = restore;
    const key = { tenant_id: tenant.id, source_tenant_id, kind, source_id };
    if (decision.kind === "undecided") await db.referenceDecision.deleteMany({ where: key });
    else {
      const data = {
        target_id: decision.kind === "map" ? decision.target_id : null,
        target_name: decision.kind === "map" ? (decision.target_name ?? null) : null,
        decided_by: actor.name,
        decided_at: now,
        checked_at: is_checked ? now : null,
        not_checked,
      };
      await db.referenceDecision.upsert({
        where: { tenant_id_source_tenant_id_kind_source_id: key },
        create: { ...key, ...data },
        update: data,
      });
    }
    await planAnew(context, restore);
    audit({
      action: "restore.reference_decided",
      target: { kind: "restore", id: restore_id },
      details: {
        source_tenant_id,
        kind,
        source_id,
        decision: decision.kind,
        ...(decision.kind === "map" && { target_id: decision.target_id, is_checked }),
      },
    });
    return restoreById(db, restore_id);
  },
});

/**
 * Decides what a reference stands for: an object of this tenant, nothing, or what the names say again. Remembered for every
 * restore from the same tenant. An object is looked up in the tenant first, between two transactions; where nobody can look,
 * the decision is kept, and says so.
 * @throws AppError NOT_FOUND, CONFLICT; VALIDATION_FAILED at `decision.target_id` when the tenant has no such object
 */
export const decideReference = operationInSteps({
  name: "restore.decide",
  permission: "restore:plan",
  input: z.strictObject(decisionInput),
  output: restoreView,
  http: {
    method: "PUT",
    path: "/tenants/{tenantId}/restores/{restoreId}/references",
    operationId: "decideRestoreReference",
    summary: "Decide what a reference stands for",
    description:
      "map: an object of this tenant, which is looked up; leave_out: the policy is written without it, where that does not widen its reach; undecided: as names and ids say. Remembered for every restore from the same tenant.",
    tag: "Restores",
    answer: "The restore, planned anew",
    errors: ["CONFLICT"],
  },
  async run({ actor, tenant }, input) {
    const { decision, kind, restore_id } = input;
    if (decision.kind !== "map")
      return recordDecision(actor, tenant.id, { ...input, is_checked: false, not_checked: null });
    const target_id = targetIdOf(decision.target_id);
    const { connection, in_live_set } = await loadForDecision(actor, tenant.id, {
      restore_id,
      kind,
      target_id,
    });
    const answer =
      in_live_set === null
        ? await lookUpTarget(connection, kind, target_id)
        : ({ kind: "there", name: in_live_set } as const);
    if (answer.kind === "absent") throw fieldError("decision.target_id", answer.message);
    const name = (answer.kind === "there" ? answer.name : null) ?? decision.target_name;
    return recordDecision(actor, tenant.id, {
      ...input,
      decision: { kind: "map", target_id, ...(name !== undefined && { target_name: name.slice(0, 500) }) },
      is_checked: answer.kind === "there",
      not_checked: answer.kind === "unasked" ? answer.why : null,
    });
  },
});

/**
 * Reads what is live once more, and plans anew; choices and decisions stay.
 * @throws AppError NOT_FOUND, CONFLICT
 */
export const replanRestore = operation({
  name: "restore.replan",
  permission: "restore:plan",
  effect: "write",
  input: z.strictObject({ restore_id: idSchema }),
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/replan",
    operationId: "replanRestore",
    summary: "Plan a restore anew",
    tag: "Restores",
    status: 202,
    answer: "It is being planned",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, audit }, { restore_id }) {
    await lockRestore(db, restore_id, ["planned", "plan_failed"], notPlanned);
    const job_id = randomUUID();
    await db.restore.update({
      where: { id: restore_id },
      data: { status: "planning", job_id, error_code: null, error_message: null, version: { increment: 1 } },
    });
    await enqueue(db, planRestoreJob, [
      { id: job_id, data: { tenant_id: tenant.id, restore_id }, tenantId: tenant.id, priority: 10 },
    ]);
    audit({ action: "restore.replanned", target: { kind: "restore", id: restore_id } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id: restore_id }]);
    return restoreById(db, restore_id);
  },
});
