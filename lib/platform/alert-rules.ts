import { z } from "zod";
import { findRule, presentRule, requireTarget } from "#lib/alerts/rules";
import { platformRuleFields } from "#lib/alerts/rules-schema";
import { ruleView } from "#lib/alerts/views";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { administratorOperation } from "#lib/operation";
import { lockTargets, note } from "./alert-targets.ts";

/** More than anybody could keep in mind. */
const mostRules = 200;

const owner = null;
const rule = z.strictObject({
  target_id: idSchema.meta({ description: "The platform's target that it sends to" }),
  ...platformRuleFields,
});

/** The platform's rules, oldest first. */
export const listPlatformRules = administratorOperation({
  name: "platform.list_alert_rules",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(ruleView),
  http: {
    method: "GET",
    path: "/platform/alert-rules",
    operationId: "listPlatformAlertRules",
    summary: "Which events of all tenants go where",
    tag: "Platform",
    answer: "Oldest first",
  },
  async run({ db }) {
    const rows = await db.alertRule.findMany({ where: { tenant_id: owner }, orderBy: { id: "asc" } });
    return rows.map(presentRule);
  },
});

/** Adds a rule for events of all tenants. @throws AppError NOT_FOUND for its target; VALIDATION_FAILED; QUOTA_EXCEEDED */
export const createPlatformRule = administratorOperation({
  name: "platform.create_alert_rule",
  effect: "write",
  input: rule,
  output: ruleView,
  http: {
    method: "POST",
    path: "/platform/alert-rules",
    operationId: "createPlatformAlertRule",
    summary: "Add a rule for alerts of all tenants",
    description: "A target gets an event once, whatever the number of rules that send it there.",
    tag: "Platform",
    status: 201,
    answer: "Added",
    errors: ["QUOTA_EXCEEDED"],
  },
  async run({ db, by }, input) {
    await lockTargets(db);
    if ((await db.alertRule.count({ where: { tenant_id: owner } })) >= mostRules)
      throw new AppError("QUOTA_EXCEEDED", `The platform has ${mostRules} alert rules. Remove one.`);
    const { name } = await requireTarget(db, owner, { ...input, digest: null });
    const row = await db.alertRule.create({ data: { ...input, tenant_id: owner } });
    await note(db, by, "alert_rule.created", input.target_id, { rule_id: row.id, name, ...input });
    return presentRule(row);
  },
});

/** Replaces one of the platform's rules. @throws AppError NOT_FOUND for it or its target; VALIDATION_FAILED */
export const updatePlatformRule = administratorOperation({
  name: "platform.update_alert_rule",
  effect: "write",
  input: rule.extend({ rule_id: idSchema }),
  output: ruleView,
  http: {
    method: "PUT",
    path: "/platform/alert-rules/{ruleId}",
    operationId: "updatePlatformAlertRule",
    summary: "Replace a rule for alerts of all tenants",
    tag: "Platform",
    answer: "As it is now",
  },
  async run({ db, by }, { rule_id, ...input }) {
    await findRule(db, owner, rule_id);
    const { name } = await requireTarget(db, owner, { ...input, digest: null });
    const row = await db.alertRule.update({ where: { id: rule_id }, data: input });
    await note(db, by, "alert_rule.updated", input.target_id, { rule_id, name, ...input });
    return presentRule(row);
  },
});

/** Removes one of the platform's rules; what it has sent stays in the log. @throws AppError NOT_FOUND */
export const removePlatformRule = administratorOperation({
  name: "platform.remove_alert_rule",
  effect: "write",
  input: z.strictObject({ rule_id: idSchema }),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/platform/alert-rules/{ruleId}",
    operationId: "removePlatformAlertRule",
    summary: "Remove a rule for alerts of all tenants",
    tag: "Platform",
    status: 204,
    answer: "Removed",
  },
  async run({ db, by }, { rule_id }) {
    const { target_id } = await findRule(db, owner, rule_id);
    await db.alertRule.delete({ where: { id: rule_id } });
    await note(db, by, "alert_rule.removed", target_id, { rule_id });
  },
});
