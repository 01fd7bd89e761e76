import { findType } from "./catalog.ts";
import type { PolicyType } from "./policy-type.ts";

/** Whether the token grants what a type needs. */
export interface PermissionCheck {
  key: string;
  granted: boolean;
  /** The permission to grant; of the several that would do, the least. */
  permission: string;
}

/**
 * Compares the token's roles with what types need, before a run. A ReadWrite permission includes its Read.
 * @param roles application permissions, as `GraphClient.roles` returns them
 * @param keys keys of policy types or foundations; unknown ones are left out
 */
export function missingPermissions(roles: readonly string[], keys: readonly string[]): PermissionCheck[] {
  return keys.flatMap((key) => {
    const type = findType(key);
    return type ? [{ key, granted: isGranted(type, roles), permission: type.permission }] : [];
  });
}

/** Whether one of the token's roles reads the type. */
export function isGranted(
  type: Pick<PolicyType, "permission" | "alsoGrantedBy">,
  roles: readonly string[],
): boolean {
  const granted = new Set(roles.map((role) => role.toLowerCase()));
  const sufficient = [type.permission, ...type.alsoGrantedBy].flatMap((permission) => [
    permission,
    permission.replace(".Read.", ".ReadWrite."),
  ]);
  return sufficient.some((permission) => granted.has(permission.toLowerCase()));
}
