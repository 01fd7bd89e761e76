import { createHash } from "node:crypto";
import type { Tx } from "#lib/db/transaction";
import { same } from "./document.ts";
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

/**
 * Whether a restore would still do what its stored plan says: references may be decided otherwise since, and accounts for
 * emergencies be others. In the tenant's transaction.
 */
export async function isAsPlanned(
  db: Tx,
  tenantId: number,
  restoreId: number,
  context: PlanContext,
): Promise<boolean> {
  const { plans } = await plannedItems(db, tenantId, restoreId, context);
  const rows = await db.restoreItem.findMany({
    where: { restore_id: restoreId, is_skipped: false },
    select: { id: true, outcome: true, plan: true },
  });
  return rows.every(({ id, outcome, plan: stored }) => {
    const plan = plans.get(id);
    const was = stored as unknown as StoredPlan | null;
    // What cannot be read any more is the worker's to say.
    if (!plan || !was) return true;
    const is = storedPlanOf(plan);
    return (
      plan.outcome === outcome &&
      (was.changes_sha256 === undefined || was.changes_sha256 === is.changes_sha256) &&
      same(was.confirm, is.confirm)
    );
  });
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
