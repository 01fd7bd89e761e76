import { z } from "zod";
import { changeRule, dropRule, listRules, makeRule } from "#lib/alerts/rule-store";
import { platformRuleSchema, replacedRule } from "#lib/alerts/rules-schema";
import { ruleView } from "#lib/alerts/views";
import { idSchema } from "#lib/ids";
import { administratorOperation } from "#lib/operation";
import { note, nowOf } from "./alert-targets.ts";

const owner = null;

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
  run: ({ db }) => listRules(db, owner),
});

/** Adds a rule for events of all tenants. @throws AppError NOT_FOUND for its target; VALIDATION_FAILED; QUOTA_EXCEEDED */
export const createPlatformRule = administratorOperation({
  name: "platform.create_alert_rule",
  effect: "write",
  input: platformRuleSchema,
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
    const { rule, targetName: name } = await makeRule(db, owner, await nowOf(db), input);
    await note(db, by, "alert_rule.created", input.target_id, { rule_id: rule.id, name, ...input });
    return rule;
  },
});

/**
 * Replaces one of the platform's rules.
 * @throws AppError NOT_FOUND for it or its target; VALIDATION_FAILED; EDIT_CONFLICT when it is not `as_read` any more
 */
export const updatePlatformRule = administratorOperation({
  name: "platform.update_alert_rule",
  effect: "write",
  input: platformRuleSchema.extend(replacedRule),
  output: ruleView,
  http: {
    method: "PUT",
    path: "/platform/alert-rules/{ruleId}",
    operationId: "updatePlatformAlertRule",
    summary: "Replace a rule for alerts of all tenants",
    tag: "Platform",
    answer: "As it is now",
    errors: ["EDIT_CONFLICT"],
  },
  async run({ db, by }, { as_read, ...input }) {
    const { rule, targetName: name } = await changeRule(db, owner, await nowOf(db), input, as_read);
    await note(db, by, "alert_rule.updated", input.target_id, { name, ...input });
    return rule;
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
    const target_id = await dropRule(db, owner, rule_id);
    await note(db, by, "alert_rule.removed", target_id, { rule_id });
  },
});
