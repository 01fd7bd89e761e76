import { z } from "zod";
import type { Drift as DriftRow } from "#lib/db/generated/client";
import { AppError, fieldError } from "#lib/errors";
import { notifyLive } from "#lib/live/notify";
import { type OperationContext, operation } from "#lib/operation";
import { driftById, driftNotFound } from "./list.ts";
import { lockDrift } from "./lock.ts";
import { acceptInput, type Drift, denyInput, reopenInput } from "./schema.ts";
import { tellDrift } from "./tell.ts";
import { driftView } from "./views.ts";

const answer = {
  output: z.array(driftView),
  tag: "Drift",
  answer: "The differences as they are now",
} as const;

/**
 * Accepts differences: they may be, until a time or until they change. They are watched on.
 * @throws AppError NOT_FOUND; CONFLICT for what is gone or has changed since it was read; VALIDATION_FAILED
 */
export const acceptDrift = operation({
  name: "drift.accept",
  permission: "baseline:manage",
  effect: "write",
  input: acceptInput,
  output: answer.output,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/drift/accept",
    operationId: "acceptDrift",
    summary: "Accept differences",
    description:
      "They count no more, and are watched on: one that changes again is new again, and so is each when its time is over.",
    tag: answer.tag,
    answer: answer.answer,
    errors: ["CONFLICT"],
  },
  async run(context, { drifts, reason, until }) {
    if (until && new Date(until) <= context.now) throw fieldError("until", "must be in the future");
    return decide(context, drifts, "accepted", { reason, until: until ?? null });
  },
});

/** Says that differences may not be: they count until the tenant is as its baseline. @throws as `acceptDrift` */
export const denyDrift = operation({
  name: "drift.deny",
  permission: "baseline:manage",
  effect: "write",
  input: denyInput,
  output: answer.output,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/drift/deny",
    operationId: "denyDrift",
    summary: "Deny differences",
    description: "They count until the policy is as the baseline has it. A restore brings it back.",
    tag: answer.tag,
    answer: answer.answer,
    errors: ["CONFLICT"],
  },
  run: (context, { drifts, reason }) =>
    decide(context, drifts, "denied", { reason: reason || null, until: null }),
});

/** Takes back what was decided about differences. @throws as `acceptDrift` */
export const reopenDrift = operation({
  name: "drift.reopen",
  permission: "baseline:manage",
  effect: "write",
  input: reopenInput,
  output: answer.output,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/drift/reopen",
    operationId: "reopenDrift",
    summary: "Take back what was decided about differences",
    description: "They are new again.",
    tag: answer.tag,
    answer: answer.answer,
    errors: ["CONFLICT"],
  },
  run: (context, { drifts }) => decide(context, drifts, "new", { reason: null, until: null }),
});

const actions = { accepted: "drift.accepted", denied: "drift.denied", new: "drift.reopened" } as const;

async function decide(
  { db, tenant, actor, now, audit }: OperationContext,
  wanted: readonly { id: number; version?: number | undefined }[],
  state: Drift["state"],
  { reason, until }: { reason: string | null; until: string | null },
): Promise<Drift[]> {
  await lockDrift(db, tenant.id);
  const ids = [...new Set(wanted.map(({ id }) => id))];
  const rows = await db.drift.findMany({ where: { id: { in: ids } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const { id, version } of wanted) requireDecidable(byId.get(id), version);
  await db.$executeRaw`
    UPDATE drifts SET state = ${state}, reason = ${reason}, accepted_until = ${until === null ? null : new Date(until)},
      renewed = NULL, version = version + 1,
      decided_at = ${state === "new" ? null : now}, decided_by = ${state === "new" || actor.kind !== "user" ? null : actor.id},
      decided_by_name = ${state === "new" ? null : actor.name},
      decided_baseline_hash = CASE WHEN ${state} = 'new' THEN NULL ELSE baseline_hash END,
      decided_live_hash = CASE WHEN ${state} = 'new' THEN NULL ELSE live_hash END
    WHERE tenant_id = ${tenant.id} AND id = ANY(${ids}::int[])`;
  for (const { id, kind, policy_type, display_name, graph_id } of rows)
    audit({
      action: actions[state],
      target: { kind: "drift", id },
      details: { name: display_name, policy_type, graph_id, kind, reason, until },
    });
  await tellDrift(db, tenant.id);
  await notifyLive(db, [{ tenant_id: tenant.id, topic: "drift", id: null }]);
  return driftById(db, tenant.id, ids);
}

function requireDecidable(row: DriftRow | undefined, version: number | undefined): void {
  if (!row) throw driftNotFound();
  if (row.gone_at !== null)
    throw new AppError("CONFLICT", `"${row.display_name}" does not differ from the baseline any more.`);
  if (version !== undefined && version !== row.version)
    throw new AppError(
      "CONFLICT",
      `"${row.display_name}" has changed since it was shown. Read what it is now, then decide.`,
    );
}
