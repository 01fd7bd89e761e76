import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { present } from "#lib/present";
import type { Restore, RestoreItem, RestoreStatus } from "./schema.ts";
import type { StoredPlan } from "./stored-plan.ts";
import { restoreItemView, restoreView } from "./views.ts";

export function restoreNotFound(): AppError {
  return new AppError("NOT_FOUND", "There is no such restore in this tenant.");
}

/** The policy types of a restore's items: what rules of alerts can be limited to. */
export async function typesOf(db: Tx, restoreId: number): Promise<string[]> {
  const items = await db.restoreItem.groupBy({ by: ["policy_type"], where: { restore_id: restoreId } });
  return items.map(({ policy_type }) => policy_type).sort();
}

interface RestoreRow {
  id: number;
  tenant_id: number;
  status: RestoreStatus;
  source_tenant_id: number;
  source_tenant_name: string;
  source_set_id: number;
  source_set_created_at: Date;
  undo_of: number | null;
  undone_by: number | null;
  reason: string | null;
  created_at: Date;
  created_by: number | null;
  created_by_name: string;
  requested_at: Date | null;
  requested_by: number | null;
  requested_by_name: string | null;
  approved_at: Date | null;
  approved_by: number | null;
  approved_by_name: string | null;
  planned_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  stop_requested_at: Date | null;
  run_id: number | null;
  live_set_id: number | null;
  before_set_id: number | null;
  error_code: string | null;
  error_message: string | null;
  version: number;
  items: number;
  outcomes: Restore["outcomes"] | null;
  states: Restore["states"] | null;
}

/** Restores as they are shown, newest first. */
export async function restoresWhere(db: Tx, where: Prisma.Sql, limit: number): Promise<Restore[]> {
  const rows = await db.$queryRaw<RestoreRow[]>`
    SELECT r.id, r.tenant_id, r.status, r.source_tenant_id, r.source_tenant_name, r.source_set_id,
           r.source_set_created_at, r.undo_of,
           (SELECT max(u.id) FROM restores u WHERE u.tenant_id = r.tenant_id AND u.undo_of = r.id) AS undone_by,
           r.reason, r.created_at, r.created_by, r.created_by_name, r.requested_at, r.requested_by,
           r.requested_by_name, r.approved_at, r.approved_by, r.approved_by_name, r.planned_at, r.started_at,
           r.ended_at, r.stop_requested_at, r.run_id, r.live_set_id, r.before_set_id, r.error_code, r.error_message,
           r.version, n.items, n.outcomes, n.states
    FROM restores r
    CROSS JOIN LATERAL (
      SELECT sum(count)::int AS items,
             (SELECT jsonb_object_agg(outcome, n) FROM (
                SELECT outcome, count(*)::int AS n FROM restore_items
                WHERE restore_id = r.id AND NOT is_skipped AND outcome IS NOT NULL GROUP BY outcome) o) AS outcomes,
             (SELECT jsonb_object_agg(state, count) FROM (
                SELECT state, count(*)::int AS count FROM restore_items WHERE restore_id = r.id GROUP BY state) s) AS states
      FROM (SELECT count(*) FROM restore_items WHERE restore_id = r.id) c) n
    WHERE ${where} ORDER BY r.id DESC LIMIT ${limit}`;
  return rows.map(presentRestore);
}

/** One restore as it is shown. @throws AppError NOT_FOUND */
export async function restoreById(db: Tx, restoreId: number): Promise<Restore> {
  const [found] = await restoresWhere(db, Prisma.sql`r.id = ${restoreId}`, 1);
  if (!found) throw restoreNotFound();
  return found;
}

function presentRestore(row: RestoreRow): Restore {
  const { source_tenant_id, source_tenant_name, source_set_id, source_set_created_at } = row;
  const person = (id: number | null, name: string | null) => (name === null ? null : { id, name });
  const outcomes = row.outcomes ?? {};
  return present(restoreView, {
    ...row,
    source: {
      tenant_id: source_tenant_id,
      tenant_name: source_tenant_name,
      set_id: source_set_id,
      set_created_at: source_set_created_at.toISOString(),
    },
    created_by: { id: row.created_by, name: row.created_by_name },
    requested_by: person(row.requested_by, row.requested_by_name),
    approved_by: person(row.approved_by, row.approved_by_name),
    outcomes,
    states: row.states ?? {},
    changes: (outcomes.update ?? 0) + (outcomes.create ?? 0) + (outcomes.assign ?? 0),
  });
}

/** An item's columns without its contents. */
export const itemColumns = {
  id: true,
  restore_id: true,
  policy_type: true,
  graph_id: true,
  display_name: true,
  source_sha256: true,
  mode: true,
  prefix: true,
  is_skipped: true,
  live_graph_id: true,
  outcome: true,
  plan: true,
  state: true,
  target_id: true,
  is_created: true,
  request_ids: true,
  approval_since: true,
  error_code: true,
  error_message: true,
  differences: true,
  later_taken_at: true,
  later_taken_by: true,
  secrets_ciphertext: true,
  changed_at: true,
} as const satisfies Prisma.RestoreItemSelect;

export type ItemRow = Prisma.RestoreItemGetPayload<{ select: typeof itemColumns }>;

/** @param givenSecrets paths of the secrets that a person gave */
export function presentItem(row: ItemRow, givenSecrets: readonly string[]): RestoreItem {
  const plan = row.plan as unknown as StoredPlan | null;
  return present(restoreItemView, {
    ...row,
    mode: row.mode as RestoreItem["mode"],
    outcome: row.outcome as RestoreItem["outcome"],
    state: row.state as RestoreItem["state"],
    why: plan?.why ?? null,
    reasons: [...(plan?.reasons ?? [])],
    stays: [...(plan?.stays ?? [])],
    confirm: [...(plan?.confirm ?? [])],
    later: (plan?.later ?? []).map(({ why }) => why),
    change_count: plan?.change_count ?? 0,
    request_count: plan?.request_count ?? 0,
    given_secrets: [...givenSecrets],
    differences: row.differences as string[] | null,
  });
}
