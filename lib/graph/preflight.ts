import { findType } from "#lib/policies/catalog";

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
  const granted = new Set(roles.map((role) => role.toLowerCase()));
  return keys.flatMap((key) => {
    const type = findType(key);
    if (!type) return [];
    const sufficient = [
      type.permission,
      type.permission.replace(".Read.", ".ReadWrite."),
      ...type.alsoGrantedBy,
    ];
    const ok = sufficient.some((permission) => granted.has(permission.toLowerCase()));
    return [{ key, granted: ok, permission: type.permission }];
  });
}
