import { appPolicies } from "./catalog/app-policies.ts";
import { appTypes } from "./catalog/apps.ts";
import { cloudPc } from "./catalog/cloud-pc.ts";
import { compliance } from "./catalog/compliance.ts";
import { connectors } from "./catalog/connectors.ts";
import { deviceConfiguration } from "./catalog/device-configuration.ts";
import { endpointSecurity } from "./catalog/endpoint-security.ts";
import { enrollment } from "./catalog/enrollment.ts";
import { foundations } from "./catalog/foundations.ts";
import { identity } from "./catalog/identity.ts";
import { scripts } from "./catalog/scripts.ts";
import { updates } from "./catalog/updates.ts";
import type { PolicyKind, PolicyType } from "./policy-type.ts";

/** Every type that can be captured, in the order in which people see them. */
export const catalog: readonly PolicyType[] = [
  ...deviceConfiguration,
  ...endpointSecurity,
  ...compliance,
  ...updates,
  ...scripts,
  ...enrollment,
  ...appTypes,
  ...identity,
  ...appPolicies,
  ...cloudPc,
  ...connectors,
  ...foundations,
];

/**
 * Grows whenever types are added, or read more fully than before. A set keeps the revision it was made with, so that
 * what is merely read anew is not taken for a change (lib/sets/rereadings.ts); a schedule keeps the one that its
 * policy types were chosen under, so that its page can say which are new since. A schedule never changes by it.
 */
export const catalogRevision = 2;

const byKey = new Map(catalog.map((type) => [type.key, type]));

/** Keys that a backup schedule may name. */
export const policyTypeKeys: readonly string[] = keysOf("policy");

/** Keys of what is captured beside the policies when a schedule includes foundations. */
export const foundationKeys: readonly string[] = keysOf("foundation");

/** The type of a key, policy or foundation; undefined when there is none. */
export function findType(key: string): PolicyType | undefined {
  return byKey.get(key);
}

function keysOf(kind: PolicyKind): string[] {
  return catalog.filter((type) => type.kind === kind).map((type) => type.key);
}
