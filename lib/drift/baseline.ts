import { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { lockDrift } from "./lock.ts";
import type { Baseline } from "./schema.ts";
import { tellDrift } from "./tell.ts";
import { baselineView } from "./views.ts";

/** The baseline of the tenant that the transaction is bound to; null: none was chosen. */
export async function readBaseline(db: Tx): Promise<Baseline | null> {
  const row = await db.baseline.findFirst({
    omit: { known: true },
    include: { types: { orderBy: { policy_type: "asc" } } },
  });
  if (!row) return null;
  const types = row.types.map(({ tenant_id: _, compared_at, ...type }) => ({
    ...type,
    compared_at: compared_at?.toISOString() ?? null,
  }));
  const compared = types.flatMap(({ compared_at }) => compared_at ?? []).sort();
  return {
    tenant_id: row.tenant_id,
    source: {
      tenant_id: row.source_tenant_id,
      tenant_name: row.source_tenant_name,
      set_id: row.source_set_id,
      set_created_at: row.source_set_created_at.toISOString(),
    },
    coverage: baselineView.shape.coverage.parse(row.coverage),
    items: types.reduce((sum, { items }) => sum + items, 0),
    set_at: row.set_at.toISOString(),
    set_by: { id: row.set_by, name: row.set_by_name },
    compared_at: compared.at(-1) ?? null,
    types,
  };
}

/** The tenant has no baseline to do this with. */
export function noBaseline(): AppError {
  return new AppError("NOT_FOUND", "This tenant has no baseline.");
}

/** What the tenant shall look like. @throws AppError NOT_FOUND where nobody chose it */
export const getBaseline = operation({
  name: "baseline.get",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({}),
  output: baselineView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/baseline",
    operationId: "getBaseline",
    summary: "The baseline: what the tenant shall look like",
    description: "404 where none was chosen.",
    tag: "Drift",
    answer: "The baseline",
  },
  async run({ db }) {
    const baseline = await readBaseline(db);
    if (!baseline) throw noBaseline();
    return baseline;
  },
});

/** Removes the baseline: nothing is a difference any more. @throws AppError NOT_FOUND */
export const removeBaseline = operation({
  name: "baseline.remove",
  permission: "baseline:manage",
  effect: "write",
  input: z.strictObject({}),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/baseline",
    operationId: "removeBaseline",
    summary: "Remove the baseline",
    description: "Its differences are gone, and stay in the history.",
    tag: "Drift",
    status: 204,
    answer: "It is removed",
  },
  async run({ db, tenant, audit }) {
    await lockDrift(db, tenant.id);
    const baseline = await readBaseline(db);
    if (!baseline) throw noBaseline();
    await db.baseline.deleteMany({});
    await db.documentSaying.deleteMany({});
    await db.$executeRaw`
      UPDATE drifts SET gone_at = now(), gone_why = 'baseline_removed', version = version + 1
      WHERE tenant_id = ${tenant.id} AND gone_at IS NULL`;
    await tellDrift(db, tenant.id);
    audit({
      action: "baseline.removed",
      details: {
        source_tenant_name: baseline.source.tenant_name,
        set_id: baseline.source.set_id,
        policies: baseline.items,
      },
    });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "drift", id: null }]);
  },
});
