import { z } from "zod";
import type { Role } from "#lib/access/permissions";
import { Prisma } from "#lib/db/generated/client";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { operation, ownOperation } from "#lib/operation";
import type { RunStatus } from "#lib/runs/schema";
import { tenantSummaryView } from "./views.ts";

/** A tenant of the caller's, with what the portfolio shows of its protection. */
export type TenantSummary = z.infer<typeof tenantSummaryView>;

/** Of the sets of a tenant `t`. What a restore reads is a part of the tenant, and no backup. */
const isBackup = Prisma.sql`
  backup_schedule_id IS DISTINCT FROM (SELECT id FROM backup_schedules WHERE tenant_id = t.id AND origin = 'restore')`;

/**
 * The caller's tenants in the order of their names, with role and protection. The database shows this role
 * only the tenants of one user; a token sees its own tenant.
 */
export const listMyTenants = ownOperation({
  name: "tenant.list_own",
  actors: ["user", "token"],
  input: z.strictObject({}),
  output: z.array(tenantSummaryView),
  http: {
    method: "GET",
    path: "/tenants",
    operationId: "listTenants",
    summary: "The caller's tenants, with role",
    description: "A user sees every tenant they are a member of, a token the one it belongs to. Not paged.",
    tag: "Tenants",
    answer: "In the order of their names",
  },
  async run(actor) {
    if (actor.kind === "token") return [await tenantSummary(actor, actor.tenant_id, {})];
    return transaction(
      { as: "portfolio", user_id: actor.user_id },
      async (db) => {
        const rows = await db.$queryRaw<(SummaryRow & { is_archived: boolean })[]>`
        SELECT t.id, t.name, m.role::text AS role, t.archived_at IS NOT NULL AS is_archived, s.total, s.enabled,
               s.next_run_at, r.last_run_at, r.last_run_status, b.last_success_at
        FROM tenants t JOIN memberships m ON m.tenant_id = t.id
        LEFT JOIN LATERAL (
          SELECT count(*)::int AS total, count(*) FILTER (WHERE is_enabled)::int AS enabled,
                 min(next_run_at) AS next_run_at
          FROM backup_schedules WHERE tenant_id = t.id AND deleted_at IS NULL) s ON true
        LEFT JOIN LATERAL (
          SELECT coalesce(finished_at, started_at, created_at) AS last_run_at, status::text AS last_run_status
          FROM backup_schedule_runs WHERE tenant_id = t.id AND trigger <> 'restore' ORDER BY id DESC LIMIT 1) r ON true
        LEFT JOIN LATERAL (
          SELECT max(created_at) AS last_success_at FROM backup_sets
          WHERE tenant_id = t.id AND status = 'success' AND deleted_at IS NULL AND ${isBackup}) b ON true
        ORDER BY lower(t.name), t.id`;
        return rows.map((row) => present(row, row.is_archived));
      },
      { readOnly: true },
    );
  },
});

/** A tenant of the caller's, by name alone. */
const tenantNameView = tenantSummaryView.pick({ id: true, name: true, role: true, is_archived: true });
export type TenantName = z.infer<typeof tenantNameView>;

/** The caller's tenants in the order of their names: what every page has, to go from one to another. */
export const listMyTenantNames = ownOperation({
  name: "tenant.list_own_names",
  actors: ["user", "token"],
  input: z.strictObject({}),
  output: z.array(tenantNameView),
  async run(actor) {
    if (actor.kind === "token") return [await getTenantName(actor, actor.tenant_id, {})];
    return transaction(
      { as: "portfolio", user_id: actor.user_id },
      (db) => db.$queryRaw<TenantName[]>`
      SELECT t.id, t.name, m.role::text AS role, t.archived_at IS NOT NULL AS is_archived FROM tenants t JOIN memberships m ON m.tenant_id = t.id
      ORDER BY lower(t.name), t.id`,
      { readOnly: true },
    );
  },
});

/** A tenant as its pages name it, with what the caller may do there. */
export const getTenantName = operation({
  name: "tenant.name",
  permission: "tenant:view",
  effect: "read",
  input: z.strictObject({}),
  output: tenantNameView,
  async run({ tenant, actor }) {
    const role = actor.role ?? "readonly";
    return { id: tenant.id, name: tenant.name, role, is_archived: tenant.is_archived };
  },
});

/** The summary of one tenant, as the portfolio shows it. */
export const tenantSummary = operation({
  name: "tenant.summary",
  permission: "tenant:view",
  effect: "read",
  input: z.strictObject({}),
  output: tenantSummaryView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}",
    operationId: "getTenant",
    summary: "One tenant, with the caller's role and what protects it",
    tag: "Tenants",
    answer: "The tenant",
  },
  async run({ db, tenant, actor }) {
    const rows = await db.$queryRaw<SummaryRow[]>`
      SELECT t.id, t.name, ${actor.role ?? "readonly"} AS role, s.total, s.enabled, s.next_run_at,
             r.last_run_at, r.last_run_status,
             (SELECT max(created_at) FROM backup_sets
              WHERE status = 'success' AND deleted_at IS NULL AND ${isBackup}) AS last_success_at
      FROM tenants t
      CROSS JOIN (
        SELECT count(*)::int AS total, (count(*) FILTER (WHERE is_enabled))::int AS enabled,
               min(next_run_at) AS next_run_at
        FROM backup_schedules WHERE deleted_at IS NULL) s
      LEFT JOIN LATERAL (
        SELECT coalesce(finished_at, started_at, created_at) AS last_run_at, status::text AS last_run_status
        FROM backup_schedule_runs WHERE tenant_id = t.id AND trigger <> 'restore' ORDER BY id DESC LIMIT 1) r ON true
      WHERE t.id = ${tenant.id}`;
    const row = rows[0];
    if (!row) throw new AppError("NOT_FOUND", "There is no such tenant, or you are not a member of it.");
    return present(row, tenant.is_archived);
  },
});

interface SummaryRow {
  id: number;
  name: string;
  role: Role;
  total: number | null;
  enabled: number | null;
  next_run_at: Date | null;
  last_run_at: Date | null;
  last_run_status: RunStatus | null;
  last_success_at: Date | null;
}

function present(row: SummaryRow, is_archived: boolean): TenantSummary {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    is_archived,
    schedules: { total: row.total ?? 0, enabled: row.enabled ?? 0 },
    last_run_at: row.last_run_at?.toISOString() ?? null,
    last_run_status: row.last_run_status,
    last_success_at: row.last_success_at?.toISOString() ?? null,
    // Its schedules keep the time for when somebody takes it back.
    next_run_at: is_archived ? null : (row.next_run_at?.toISOString() ?? null),
  };
}
