import { z } from "zod";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { changeRule, dropRule, listRules, makeRule } from "./rule-store.ts";
import { replacedRule, ruleSchema } from "./rules-schema.ts";
import { ruleView } from "./views.ts";

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
  run: ({ db, tenant }) => listRules(db, tenant.id),
});

/** Adds a rule. @throws AppError NOT_FOUND for its target; VALIDATION_FAILED; QUOTA_EXCEEDED */
export const createAlertRule = operation({
  name: "alert_rule.create",
  permission: "alert:manage",
  effect: "write",
  input: ruleSchema,
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
    const { rule, targetName } = await makeRule(db, tenant.id, now, input);
    audit({
      action: "alert_rule.created",
      target: { kind: "alert_target", id: input.target_id },
      details: { rule_id: rule.id, name: targetName, ...input },
    });
    return rule;
  },
});

/**
 * Replaces a rule.
 * @throws AppError NOT_FOUND for it or its target; VALIDATION_FAILED; EDIT_CONFLICT when it is not `as_read` any more
 */
export const updateAlertRule = operation({
  name: "alert_rule.update",
  permission: "alert:manage",
  effect: "write",
  input: ruleSchema.extend(replacedRule),
  output: ruleView,
  http: {
    method: "PUT",
    path: "/tenants/{tenantId}/alert-rules/{ruleId}",
    operationId: "updateAlertRule",
    summary: "Replace a rule for alerts",
    tag: "Alerts",
    answer: "As it is now",
    errors: ["EDIT_CONFLICT"],
  },
  async run({ db, tenant, now, audit }, { as_read, ...input }) {
    const { rule, targetName } = await changeRule(db, tenant.id, now, input, as_read);
    audit({
      action: "alert_rule.updated",
      target: { kind: "alert_target", id: input.target_id },
      details: { name: targetName, ...input },
    });
    return rule;
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
    const target_id = await dropRule(db, tenant.id, rule_id);
    audit({
      action: "alert_rule.removed",
      target: { kind: "alert_target", id: target_id },
      details: { rule_id },
    });
  },
});
