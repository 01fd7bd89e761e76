"use server";

import { act } from "#app/action.ts";
import type { RuleDraft } from "#components/alerts/rule-dialog";
import type { TargetUpdate } from "#components/alerts/target-draft.ts";
import type { NewTarget } from "#components/alerts/targets-panel";
import type { RuleView } from "#lib/alerts/schema";
import { redeliverPlatformAlert } from "#lib/platform/alert-deliveries";
import { createPlatformRule, removePlatformRule, updatePlatformRule } from "#lib/platform/alert-rules";
import {
  createPlatformTarget,
  removePlatformTarget,
  rotatePlatformSecret,
  testPlatformTarget,
  updatePlatformTarget,
} from "#lib/platform/alert-targets";

/** What is sent here is held to the operation's schema, whatever its type says. */
export async function createTarget(input: { target: NewTarget }) {
  return act((actor) => createPlatformTarget(actor, input as Parameters<typeof createPlatformTarget>[1]));
}

export async function updateTarget(input: TargetUpdate) {
  return act((actor) => updatePlatformTarget(actor, input));
}

export async function removeTarget(input: { target_id: number }) {
  return act((actor) => removePlatformTarget(actor, input));
}

export async function rotateSecret(input: { target_id: number }) {
  return act((actor) => rotatePlatformSecret(actor, input));
}

export async function testTarget(input: { target_id: number }) {
  return act((actor) => testPlatformTarget(actor, input));
}

export async function createRule(input: RuleDraft) {
  return act((actor) => createPlatformRule(actor, ofAllTenants(input)));
}

export async function updateRule(input: RuleDraft & { rule_id: number; as_read: RuleView }) {
  return act((actor) => updatePlatformRule(actor, ofAllTenants(input)));
}

export async function removeRule(input: { rule_id: number }) {
  return act((actor) => removePlatformRule(actor, input));
}

export async function redeliver(input: { delivery_id: number }) {
  return act((actor) => redeliverPlatformAlert(actor, input));
}

/** What is in a tenant, and digests, no rule of the platform knows. */
function ofAllTenants<T extends RuleDraft>({
  digest: _digest,
  schedule_ids: _ids,
  policy_types: _types,
  ...rule
}: T) {
  return rule;
}
