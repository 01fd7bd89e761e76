import { findType } from "#lib/policies/catalog";
import type { PolicyType } from "#lib/policies/policy-type";
import type { ReferenceKind } from "#lib/policies/write/write-rule";
import type { Document } from "#lib/restore/document";
import type { ItemPlan, Resolution, RestoreInput, WriteRequest } from "#lib/restore/plan";
import { planItem } from "#lib/restore/plan-item";

/** All that a policy refers to is in the tenant, under the id that it has. */
export const here = (_: ReferenceKind, id: string): Resolution => ({ id });

/** @throws Error when the catalog has no such type */
export function typeOfKey(key: string): PolicyType {
  const type = findType(key);
  if (!type) throw new Error(key);
  return type;
}

/**
 * The plan of one policy: in place, and as if nothing of it were live, unless it is said otherwise.
 * @param key of the policy's type
 */
export function planOf(key: string, backup: Document, change: Partial<RestoreInput> = {}): ItemPlan {
  const mode = { kind: "inPlace" } as const;
  const graphUrl = "https://graph.microsoft.com";
  return planItem({ type: typeOfKey(key), backup, live: null, mode, resolve: here, graphUrl, ...change });
}

/** What a plan sends. @throws Error with the plan when it sends nothing */
export function requestsOf(made: ItemPlan): readonly WriteRequest[] {
  if (!("requests" in made)) throw new Error(JSON.stringify(made));
  return made.requests;
}

/** Why a plan is blocked, by code; its outcome when it is not. */
export function codesOf(made: ItemPlan): string | string[] {
  return made.outcome === "blocked" ? made.reasons.map(({ code }) => code) : made.outcome;
}
