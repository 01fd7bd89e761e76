import { catalog } from "#lib/policies/catalog";
import { writingOf } from "#lib/policies/write";
import type { WriteConnectionTest } from "./schema.ts";

/**
 * Says of each policy type whether an application with these permissions may write it.
 * @param granted application permissions, as in the `roles` of a token
 */
export function writableTypes(granted: readonly string[]): WriteConnectionTest["types"] {
  const has = new Set(granted.map((role) => role.toLowerCase()));
  return catalog.map(({ key, label }) => {
    const about = { policy_type: key, label, missing: [] };
    const rule = writingOf(key);
    if ("cannot" in rule) return { ...about, writable: "never" as const, why: rule.cannot };
    if (rule.delegatedOnly !== null)
      return { ...about, writable: "not_by_applications" as const, why: rule.delegatedOnly };
    const missing = rule.permissions.filter((permission) => !has.has(permission.toLowerCase()));
    if (missing.length === 0) return { ...about, writable: "yes" as const, why: null };
    return {
      ...about,
      writable: "permission_missing" as const,
      missing,
      why: `Grant ${missing.join(" and ")}.`,
    };
  });
}
