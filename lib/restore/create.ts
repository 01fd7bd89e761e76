import { randomUUID } from "node:crypto";
import { z } from "zod";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { enqueue } from "#lib/jobs/enqueue";
import { planRestoreJob } from "#lib/jobs/plan-restore";
import { notifyLive } from "#lib/live/notify";
import { operation, operationInSteps } from "#lib/operation";
import { movedSincePlan } from "./planned-for.ts";
import { restoreById } from "./present.ts";
import { type RestoreSource, readSource } from "./read-source.ts";
import { itemModes, planInput } from "./schema.ts";
import { restoreView } from "./views.ts";

/** Before the runs of the night: somebody waits for it. */
const priority = 10;

/** Writes a restore down and has it planned: the second step of who asks for one. @throws AppError CONFLICT */
export const createRestore = operation({
  name: "restore.create",
  permission: "restore:plan",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({
    source_tenant_id: idSchema,
    set_id: idSchema,
    undo_of: idSchema.nullable(),
    modes: z.array(z.enum(itemModes)),
    source: z.custom<RestoreSource>(),
  }),
  output: restoreView,
  async run({ db, tenant, actor, audit }, { source_tenant_id, set_id, undo_of, modes, source }) {
    const connection = await db.connection.findFirst({ select: { tenant_id: true } });
    if (!connection)
      throw new AppError("CONFLICT", "This tenant has no connection: what is live cannot be read.");
    const job_id = randomUUID();
    const { id } = await db.restore.create({
      data: {
        tenant_id: tenant.id,
        source_tenant_id,
        source_tenant_name: source.tenant_name,
        source_set_id: set_id,
        source_set_created_at: source.set_created_at,
        undo_of,
        status: "planning",
        created_by: actor.kind === "user" ? actor.id : null,
        created_by_name: actor.name,
        known: {
          source: source.known as object[],
          target: [],
          types: source.types,
          read_from: source.read_from,
        },
        job_id,
      },
      select: { id: true },
    });
    const day = new Date().toISOString().slice(0, 10);
    await db.restoreItem.createMany({
      data: source.items.map(({ sha256, encoding, content, ...item }, at) => ({
        ...item,
        tenant_id: tenant.id,
        restore_id: id,
        source_sha256: sha256,
        source_encoding: encoding,
        source_content: new Uint8Array(content),
        mode: modes[at] ?? "in_place",
        prefix: modes[at] === "copy" ? copyPrefix(day) : null,
      })),
    });
    await enqueue(db, planRestoreJob, [
      { id: job_id, data: { tenant_id: tenant.id, restore_id: id }, tenantId: tenant.id, priority },
    ]);
    audit({
      action: "restore.created",
      target: { kind: "restore", id },
      details: { source_tenant_id, set_id, policies: source.items.length, undo_of },
    });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id }]);
    return restoreById(db, id);
  },
});

/** `[Restored 2026-11-29] `: what goes before a copy's name unless somebody says otherwise. */
export function copyPrefix(day: string): string {
  return `[Restored ${day}] `;
}

/**
 * Begins the plan of a restore: reads the policies out of the set, and has the worker read what is live. Nothing is
 * written to the tenant.
 * @throws AppError NOT_FOUND for the set, an item of it, or its tenant; CONFLICT without a connection
 */
export const planRestore = operationInSteps({
  name: "restore.plan",
  permission: "restore:plan",
  input: planInput,
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores",
    operationId: "planRestore",
    summary: "Plan a restore",
    description:
      "Reads the live tenant, and says of each policy what would be done. Nothing is written until somebody asks for it. From another tenant's set the caller needs set exports there.",
    tag: "Restores",
    status: 201,
    answer: "It is being planned",
    errors: ["CONFLICT"],
    location: (made) => `/tenants/${made.tenant_id}/restores/${made.id}`,
  },
  async run({ actor, tenant }, { set_id, source_tenant_id = tenant.id, items }) {
    const chosen = [...new Map(items.map((item) => [`${item.policy_type} ${item.graph_id}`, item])).values()];
    const source = await readSource(actor, source_tenant_id, {
      set_id,
      for_tenant: { id: tenant.id, name: tenant.name },
      items: chosen.map(({ policy_type, graph_id }) => ({ policy_type, graph_id })),
    });
    return createRestore(actor, tenant.id, {
      source_tenant_id,
      set_id,
      undo_of: null,
      modes: chosen.map(({ mode }) => mode),
      source,
    });
  },
});

const undoable = operation({
  name: "restore.undoable",
  permission: "restore:plan",
  effect: "read",
  input: z.strictObject({ restore_id: idSchema }),
  output: z.strictObject({
    set_id: idSchema,
    items: z.array(z.strictObject({ policy_type: z.string(), graph_id: z.string() })),
  }),
  async run({ db }, { restore_id }) {
    const restore = await restoreById(db, restore_id);
    if (restore.before_set_id === null || !mayUndo(restore))
      throw new AppError(
        "CONFLICT",
        "There is nothing to undo: this restore has not written anything, or goes on.",
      );
    // What was live before is another tenant's then: here it would be made anew, or written over what has its name.
    const { known } = await db.restore.findFirstOrThrow({
      where: { id: restore_id },
      select: { known: true },
    });
    const moved = await movedSincePlan(db, known);
    if (moved) throw new AppError("CONFLICT", moved);
    const items = await db.restoreItem.findMany({
      where: { restore_id, is_created: false, target_id: { not: null }, sent: { not: { equals: null } } },
      select: { policy_type: true, target_id: true },
      orderBy: { id: "asc" },
    });
    const set = await db.backupSet.findFirst({
      where: { id: restore.before_set_id },
      select: { id: true },
    });
    if (!set)
      throw new AppError(
        "CONFLICT",
        `Set ${restore.before_set_id}, of what was live before this restore wrote, was removed: there is nothing left to take it back from.`,
      );
    if (items.length === 0)
      throw new AppError(
        "CONFLICT",
        "There is nothing to undo: all that this restore wrote, it made; nothing is ever deleted.",
      );
    return {
      set_id: restore.before_set_id,
      items: items.map(({ policy_type, target_id }) => ({ policy_type, graph_id: target_id ?? "" })),
    };
  },
});

/** Whether a restore has come to an end, after it may have written. */
export function mayUndo({
  status,
  before_set_id,
}: {
  status: string;
  before_set_id: number | null;
}): boolean {
  return before_set_id !== null && ["done", "done_with_problems", "stopped", "failed"].includes(status);
}

/**
 * Plans the way back: what the restore changed, as it was just before. What it created stays; nothing is ever deleted.
 * @throws AppError CONFLICT when there is nothing to take back; NOT_FOUND
 */
export const undoRestore = operationInSteps({
  name: "restore.undo",
  permission: "restore:plan",
  input: z.strictObject({ restore_id: idSchema }),
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/restores/{restoreId}/undo",
    operationId: "undoRestore",
    summary: "Plan to take a restore back",
    description: "A new plan, from what was live just before the restore wrote. What it created stays.",
    tag: "Restores",
    status: 201,
    answer: "The new restore, which is being planned",
    errors: ["CONFLICT"],
    location: (made) => `/tenants/${made.tenant_id}/restores/${made.id}`,
  },
  async run({ actor, tenant }, { restore_id }) {
    const { set_id, items } = await undoable(actor, tenant.id, { restore_id });
    const source = await readSource(actor, tenant.id, {
      set_id,
      for_tenant: { id: tenant.id, name: tenant.name },
      items,
    });
    return createRestore(actor, tenant.id, {
      source_tenant_id: tenant.id,
      set_id,
      undo_of: restore_id,
      modes: items.map(() => "in_place" as const),
      source,
    });
  },
});
