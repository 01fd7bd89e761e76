import { appRules } from "./write/apps.ts";
import { complianceRules } from "./write/compliance.ts";
import { deviceConfigurationRules } from "./write/device-configuration.ts";
import { enrollmentRules } from "./write/enrollment.ts";
import { foundationRules } from "./write/foundations.ts";
import { identityRules } from "./write/identity.ts";
import { intentRules } from "./write/intents.ts";
import { notWritable } from "./write/not-writable.ts";
import { scriptRules } from "./write/scripts.ts";
import { updateRules } from "./write/updates.ts";
import type { NotWritable, WriteRule } from "./write/write-rule.ts";

const rules: Readonly<Record<string, WriteRule>> = {
  ...deviceConfigurationRules,
  ...intentRules,
  ...complianceRules,
  ...updateRules,
  ...scriptRules,
  ...enrollmentRules,
  ...appRules,
  ...identityRules,
  ...foundationRules,
};

const refusals: Readonly<Record<string, string>> = notWritable;

/** How the objects of a catalog's type are written, or why they cannot be restored. */
export function writingOf(key: string): WriteRule | NotWritable {
  if (Object.hasOwn(rules, key)) return rules[key] ?? { cannot: "" };
  const cannot = Object.hasOwn(refusals, key) ? refusals[key] : undefined;
  return { cannot: cannot ?? `TenantPilot does not know how ${key} is written.` };
}

/** Keys that have a rule or a reason: those of the catalog, all and no others. */
export const writingKeys: readonly string[] = [...Object.keys(rules), ...Object.keys(refusals)];
