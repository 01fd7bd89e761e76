import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { decodeIdCursor, pageFields, toPage } from "#lib/pagination";
import { nameSearch, pageOf, policyType } from "#lib/view-fields";
import { mayUndo } from "./create.ts";
import { itemColumns, presentItem, restoreById, restoreNotFound, restoresWhere } from "./present.ts";
import { openReferences } from "./reference-list.ts";
import { secretPaths } from "./rows.ts";
import { itemOutcomes, itemStates, restoreStatuses } from "./schema.ts";
import { readRestoreSettings } from "./settings.ts";
import type { StoredPlan } from "./stored-plan.ts";
import { restoreDetailsView, restoreItemView, restoreView } from "./views.ts";

/** The tenant's restores and their plans, newest first. */
export const listRestores = operation({
  name: "restore.list",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    status: z
      .enum(restoreStatuses, `must be one of ${restoreStatuses.join(", ")}`)
      .optional()
      .meta({ description: "Only those that stand there" }),
  }),
  output: pageOf(restoreView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/restores",
    operationId: "listRestores",
    summary: "List restores",
    tag: "Restores",
    answer: "Newest first",
    paged: true,
  },
  async run({ db }, { limit, cursor, status }) {
    const before = decodeIdCursor(cursor);
    const where = Prisma.sql`${before === null ? Prisma.sql`true` : Prisma.sql`r.id < ${before}`}
      AND ${status ? Prisma.sql`r.status = ${status}` : Prisma.sql`true`}`;
    return toPage(await restoresWhere(db, where, limit + 1), limit, (restore) => restore);
  },
});

/** One restore, with what it asks of whoever wants it carried out. @throws AppError NOT_FOUND */
export const getRestore = operation({
  name: "restore.get",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ restore_id: idSchema }),
  output: restoreDetailsView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/restores/{restoreId}",
    operationId: "getRestore",
    summary: "One restore",
    tag: "Restores",
    answer: "The restore",
    version: (found) => found.version,
  },
  async run({ db, tenant }, { restore_id }) {
    const restore = await restoreById(db, restore_id);
    const settings = await readRestoreSettings(db);
    const items = await db.restoreItem.findMany({
      where: { restore_id },
      select: {
        id: true,
        policy_type: true,
        display_name: true,
        is_skipped: true,
        outcome: true,
        plan: true,
        is_created: true,
        target_id: true,
      },
      orderBy: { id: "asc" },
    });
    const made = await db.restoreItem.findMany({
      where: { restore_id: restore.undo_of ?? restore_id, is_created: true, target_id: { not: null } },
      select: { policy_type: true, target_id: true, display_name: true },
      orderBy: { id: "asc" },
    });
    const isPlanned = restore.status === "planned" || restore.status === "awaiting_approval";
    return {
      ...restore,
      types: [...new Set(items.map(({ policy_type }) => policy_type))].sort(),
      to_confirm: items.flatMap(({ id, policy_type, display_name, is_skipped, plan }) => {
        const { confirm: why = [], changes_sha256 = null } = (plan as unknown as StoredPlan | null) ?? {};
        return is_skipped || why.length === 0
          ? []
          : [{ item_id: id, policy_type, display_name, why: [...why], changes_sha256 }];
      }),
      mass_change_limit: settings.mass_change_limit,
      must_confirm_count: restore.changes > settings.mass_change_limit,
      needs_approval: settings.two_people,
      may_undo: mayUndo(restore),
      made: made.map(({ policy_type, target_id, display_name }) => ({
        policy_type,
        graph_id: target_id ?? "",
        display_name,
      })),
      open_references: isPlanned ? await openReferences(db, tenant.id, restore_id) : 0,
    };
  },
});

/** The policies of a restore, in the order in which they were chosen. @throws AppError NOT_FOUND */
export const listRestoreItems = operation({
  name: "restore.items",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    restore_id: idSchema,
    search: nameSearch.optional(),
    policy_type: policyType.optional(),
    outcome: z
      .enum(itemOutcomes, `must be one of ${itemOutcomes.join(", ")}`)
      .optional()
      .meta({ description: "Only those with which this would be done" }),
    state: z
      .enum(itemStates, `must be one of ${itemStates.join(", ")}`)
      .optional()
      .meta({ description: "Only those of which this has become" }),
  }),
  output: pageOf(restoreItemView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/restores/{restoreId}/items",
    operationId: "listRestoreItems",
    summary: "List the policies of a restore",
    tag: "Restores",
    answer: "What would be done with each, and what has become of it",
    paged: true,
  },
  async run({ db, tenant }, { restore_id, limit, cursor, search, policy_type, outcome, state }) {
    const after = decodeIdCursor(cursor);
    if (!(await db.restore.findFirst({ where: { id: restore_id }, select: { id: true } })))
      throw restoreNotFound();
    const ids = await db.$queryRaw<{ id: number }[]>`
      SELECT id FROM restore_items
      WHERE restore_id = ${restore_id} AND ${after === null ? Prisma.sql`true` : Prisma.sql`id > ${after}`}
        AND ${search ? Prisma.sql`display_name ILIKE ${containing(search)}` : Prisma.sql`true`}
        AND ${policy_type ? Prisma.sql`policy_type = ${policy_type}` : Prisma.sql`true`}
        AND ${outcome ? Prisma.sql`outcome = ${outcome}` : Prisma.sql`true`}
        AND ${state ? Prisma.sql`state = ${state}` : Prisma.sql`true`}
      ORDER BY id LIMIT ${limit + 1}`;
    const rows = await db.restoreItem.findMany({
      where: { id: { in: ids.map(({ id }) => id) } },
      select: itemColumns,
      orderBy: { id: "asc" },
    });
    return toPage(rows, limit, (row) => presentItem(row, secretPaths(row.secrets_ciphertext, tenant.id)));
  },
});
