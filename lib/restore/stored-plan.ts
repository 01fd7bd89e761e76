import { createHash } from "node:crypto";
import type { Tx } from "#lib/db/transaction";
import type { ItemPlan, Reason, Stays, WriteRequest } from "./plan.ts";
import { type PlanContext, type PlannableItem, planAll } from "./plan-all.ts";
import { planColumns, readRows } from "./rows.ts";

/** What is kept of an item's plan; its differences are worked out when somebody looks. */
export interface StoredPlan {
  why: string | null;
  reasons: readonly Reason[];
  stays: readonly Stays[];
  confirm: readonly string[];
  later: readonly { why: string; request: WriteRequest }[];
  change_count: number;
  request_count: number;
  /** Another one when the live policy would be changed in another way. Plans of before lack it. */
  changes_sha256?: string;
}

function storedPlanOf(plan: ItemPlan): StoredPlan {
  const change_count = plan.changes.length;
  const changes_sha256 = createHash("sha256").update(JSON.stringify(plan.changes)).digest("hex");
  const none = {
    why: null,
    reasons: [],
    stays: [],
    confirm: [],
    later: [],
    change_count,
    request_count: 0,
    changes_sha256,
  };
  if (plan.outcome === "impossible") return { ...none, why: plan.why };
  if (plan.outcome === "blocked") return { ...none, reasons: plan.reasons };
  const { stays, confirm, later, requests } = plan;
  return { ...none, stays, confirm, later, request_count: requests.length };
}

async function readItems(db: Tx, tenantId: number, restoreId: number) {
  const rows = await db.restoreItem.findMany({
    where: { restore_id: restoreId },
    select: planColumns,
    orderBy: { id: "asc" },
  });
  const { readable, unreadable } = await readRows(rows, tenantId);
  return { items: readable.map(({ item }) => item), unreadable };
}

/** The items of a restore with their contents, in their order, without those that cannot be read. */
export async function plannableItems(db: Tx, tenantId: number, restoreId: number): Promise<PlannableItem[]> {
  return (await readItems(db, tenantId, restoreId)).items;
}

/** The items of a restore as they are planned together, and why some cannot be read, by their ids. */
export async function plannedItems(
  db: Tx,
  tenantId: number,
  restoreId: number,
  context: PlanContext,
): Promise<{ items: PlannableItem[]; unreadable: Map<number, string> } & ReturnType<typeof planAll>> {
  const { items, unreadable } = await readItems(db, tenantId, restoreId);
  return { items, unreadable, ...planAll(items, context) };
}

/** Plans all items of a restore from what is stored of it, and keeps the plans: in the tenant's transaction. */
export async function planStored(
  db: Tx,
  tenantId: number,
  restoreId: number,
  context: PlanContext,
): Promise<void> {
  const { plans, unreadable } = await plannedItems(db, tenantId, restoreId, context);
  for (const [id, why] of unreadable) plans.set(id, { outcome: "impossible", why, changes: [] });
  const stored = [...plans].map(([id, plan]) => ({ id, outcome: plan.outcome, plan: storedPlanOf(plan) }));
  await db.$executeRaw`
    UPDATE restore_items i SET outcome = p.outcome, plan = p.plan, changed_at = clock_timestamp()
    FROM jsonb_to_recordset(${JSON.stringify(stored)}::jsonb) AS p(id int, outcome text, plan jsonb)
    WHERE i.id = p.id AND i.restore_id = ${restoreId}`;
}
