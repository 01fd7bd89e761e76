import { z } from "zod";
import type { AlertRule } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { present } from "#lib/present";
import { digestDueAt } from "./digest-due.ts";
import { isAlertKind, type Severity } from "./kinds.ts";
import { ruleFields } from "./rules-schema.ts";
import { ruleView } from "./views.ts";

/** More than anybody could keep in mind. */
const mostRules = 200;

/** The tenant's rules, oldest first. */
export const listAlertRules = operation({
  name: "alert_rule.list",
  permission: "alert:manage",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(ruleView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/alert-rules",
    operationId: "listAlertRules",
    summary: "Which events go where",
    tag: "Alerts",
    answer: "Oldest first",
  },
  async run({ db, tenant }) {
    const rows = await db.alertRule.findMany({ where: { tenant_id: tenant.id }, orderBy: { id: "asc" } });
    return rows.map(presentRule);
  },
});

const rule = z.strictObject({
  target_id: idSchema.meta({ description: "The target that it sends to" }),
  ...ruleFields,
});

/** Adds a rule. @throws AppError NOT_FOUND for its target; VALIDATION_FAILED; QUOTA_EXCEEDED */
export const createAlertRule = operation({
  name: "alert_rule.create",
  permission: "alert:manage",
  effect: "write",
  input: rule,
  output: ruleView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/alert-rules",
    operationId: "createAlertRule",
    summary: "Add a rule for alerts",
    description: "A target gets an event once, whatever the number of rules that send it there.",
    tag: "Alerts",
    status: 201,
    answer: "Added",
    errors: ["QUOTA_EXCEEDED"],
  },
  async run({ db, tenant, now, audit }, input) {
    await db.$queryRaw`SELECT 1 FROM tenants WHERE id = ${tenant.id} FOR NO KEY UPDATE`;
    if ((await db.alertRule.count({ where: { tenant_id: tenant.id } })) >= mostRules)
      throw new AppError("QUOTA_EXCEEDED", `This tenant has ${mostRules} alert rules. Remove one.`);
    const target = await requireTarget(db, tenant.id, input);
    const row = await db.alertRule.create({
      data: { ...input, tenant_id: tenant.id, digest_due_at: digestDueAt(input, now) },
    });
    audit({
      action: "alert_rule.created",
      target: { kind: "alert_target", id: input.target_id },
      details: { rule_id: row.id, name: target.name, ...input },
    });
    return presentRule(row);
  },
});

/** Replaces a rule. @throws AppError NOT_FOUND for it or its target; VALIDATION_FAILED */
export const updateAlertRule = operation({
  name: "alert_rule.update",
  permission: "alert:manage",
  effect: "write",
  input: rule.extend({ rule_id: idSchema }),
  output: ruleView,
  http: {
    method: "PUT",
    path: "/tenants/{tenantId}/alert-rules/{ruleId}",
    operationId: "updateAlertRule",
    summary: "Replace a rule for alerts",
    tag: "Alerts",
    answer: "As it is now",
  },
  async run({ db, tenant, now, audit }, { rule_id, ...input }) {
    await findRule(db, tenant.id, rule_id);
    const target = await requireTarget(db, tenant.id, input);
    const row = await db.alertRule.update({
      where: { id: rule_id },
      data: { ...input, digest_due_at: digestDueAt(input, now) },
    });
    audit({
      action: "alert_rule.updated",
      target: { kind: "alert_target", id: input.target_id },
      details: { rule_id, name: target.name, ...input },
    });
    return presentRule(row);
  },
});

/** Removes a rule; what it has sent stays in the log. @throws AppError NOT_FOUND */
export const removeAlertRule = operation({
  name: "alert_rule.remove",
  permission: "alert:manage",
  effect: "write",
  input: z.strictObject({ rule_id: idSchema }),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/alert-rules/{ruleId}",
    operationId: "removeAlertRule",
    summary: "Remove a rule for alerts",
    tag: "Alerts",
    status: 204,
    answer: "Removed",
  },
  async run({ db, tenant, audit }, { rule_id }) {
    const { target_id } = await findRule(db, tenant.id, rule_id);
    await db.alertRule.delete({ where: { id: rule_id } });
    audit({
      action: "alert_rule.removed",
      target: { kind: "alert_target", id: target_id },
      details: { rule_id },
    });
  },
});

/** The target of a rule, which is of the same tenant, or of the platform as well (`null`). @throws AppError NOT_FOUND; VALIDATION_FAILED */
export async function requireTarget(
  db: Tx,
  tenantId: number | null,
  input: Pick<z.output<typeof rule>, "target_id" | "quiet_from" | "quiet_until" | "digest">,
): Promise<{ name: string }> {
  if ((input.quiet_from === null) !== (input.quiet_until === null))
    throw fieldError("quiet_until", "must be set with quiet_from, or neither");
  const target = await db.alertTarget.findFirst({
    where: { tenant_id: tenantId, id: input.target_id },
    select: { name: true, kind: true },
  });
  if (!target)
    throw new AppError(
      "NOT_FOUND",
      tenantId === null
        ? "There is no such alert target of the platform."
        : "There is no such alert target in this tenant.",
    );
  if (input.digest !== null && target.kind !== "email")
    throw fieldError("digest", "goes by mail alone: choose a target of mail");
  return target;
}

/** A rule of a tenant, or of the platform (`null`). @throws AppError NOT_FOUND */
export async function findRule(db: Tx, tenantId: number | null, id: number): Promise<AlertRule> {
  const found = await db.alertRule.findFirst({ where: { tenant_id: tenantId, id } });
  if (!found)
    throw new AppError(
      "NOT_FOUND",
      tenantId === null
        ? "There is no such alert rule of the platform."
        : "There is no such alert rule in this tenant.",
    );
  return found;
}

/** A rule as lists show it. */
export function presentRule(row: AlertRule): z.infer<typeof ruleView> {
  return present(ruleView, {
    ...row,
    kinds: row.kinds.filter(isAlertKind),
    least_severity: row.least_severity as Severity,
    digest: row.digest as "daily" | "weekly" | null,
  });
}

function fieldError(path: string, message: string): AppError {
  return new AppError("VALIDATION_FAILED", `${path}: ${message}`, { errors: [{ path, message }] });
}
