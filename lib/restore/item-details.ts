import { z } from "zod";
import { differencesInWords } from "#lib/compare/differences-in-words";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { mergeNames } from "#lib/names/collect";
import { operation, operationInSteps } from "#lib/operation";
import { namesWhereKept } from "#lib/sets/names-of-document";
import type { ItemPlan } from "./plan.ts";
import { planOne, resolverOf } from "./plan-all.ts";
import { itemColumns, presentItem, restoreNotFound } from "./present.ts";
import { planContextOf, secretPaths } from "./rows.ts";
import { plannedItems } from "./stored-plan.ts";
import { restoreItemDetailsView } from "./views.ts";

/** A policy of a restore with its plan, and what names its ids; the sets may be gone. */
const readRestoreItem = operation({
  name: "restore.read_item",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ restore_id: idSchema, item_id: idSchema }),
  output: z.strictObject({
    details: restoreItemDetailsView.omit({ words: true, names: true }),
    sides: z.custom<ItemPlan["sides"]>(),
    live_set_id: idSchema.nullable(),
    /** Null: it is another tenant's. */
    source_set_id: idSchema.nullable(),
  }),
  async run({ db, tenant }, { restore_id, item_id }) {
    const restore = await db.restore.findFirst({ where: { id: restore_id } });
    const row = await db.restoreItem.findFirst({ where: { id: item_id, restore_id }, select: itemColumns });
    if (!restore) throw restoreNotFound();
    if (!row) throw new AppError("NOT_FOUND", "There is no such policy in this restore.");
    const item = presentItem(row, secretPaths(row.secrets_ciphertext, tenant.id));
    const sets = {
      live_set_id: restore.live_set_id,
      source_set_id: restore.source_tenant_id === tenant.id ? restore.source_set_id : null,
    };
    if (restore.planned_at === null)
      return { details: { ...item, changes: [], requests: [] }, sides: undefined, ...sets };
    const context = await planContextOf(db, tenant.id, restore);
    const { items, made } = await plannedItems(db, tenant.id, restore_id, context);
    const found = items.find(({ id }) => id === item_id);
    // Its copy cannot be read, which its plan says.
    if (!found) return { details: { ...item, changes: [], requests: [] }, sides: undefined, ...sets };
    const plan = planOne(found, context, resolverOf(context, made));
    return {
      details: {
        ...item,
        changes: plan.changes.map(({ kind, path, ...values }) => ({ kind, path: [...path], ...values })),
        requests:
          "requests" in plan ? plan.requests.map(({ method, path, stage }) => ({ method, path, stage })) : [],
      },
      sides: plan.sides,
      ...sets,
    };
  },
});

/** One policy of a restore with the differences from the live policy to the backup. @throws AppError NOT_FOUND */
export const getRestoreItem = operationInSteps({
  name: "restore.item",
  permission: "set:view",
  input: z.strictObject({ restore_id: idSchema, item_id: idSchema }),
  output: restoreItemDetailsView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/restores/{restoreId}/items/{itemId}",
    operationId: "getRestoreItem",
    summary: "One policy of a restore",
    description: "With the differences from what was live when it was planned to the backup.",
    tag: "Restores",
    answer: "The policy, its differences, and the requests that would be sent",
  },
  async run({ actor, tenant }, input) {
    const { details, sides, live_set_id, source_set_id } = await readRestoreItem(actor, tenant.id, input);
    if (!sides || details.changes.length === 0)
      return { ...details, words: [], names: { left: {}, right: {} } };
    const { live, backup } = sides;
    const left = await namesWhereKept(actor, tenant.id, live_set_id, live);
    // Its references are those of the tenant that it is written to, as far as they are found there.
    const right = mergeNames(
      await namesWhereKept(actor, tenant.id, source_set_id, backup),
      await namesWhereKept(actor, tenant.id, live_set_id, backup),
    );
    const policyType = details.policy_type;
    const words = await differencesInWords(actor, tenant.id, {
      before: live && { policyType, document: live, names: left },
      after: { policyType, document: backup, names: right },
    });
    // Both documents hold more than a restore writes.
    const written = new Set(details.changes.map(({ path: [property] }) => property));
    return {
      ...details,
      words: words.filter(({ path: [property] }) => written.has(settingsOf(String(property)))),
      names: { left, right },
    };
  },
});

/** The settings of legacy endpoint security policies are told by category, and compared as one list. */
function settingsOf(property: string): string {
  return property === "categories" ? "settings" : property;
}
