import type { NameKind } from "./names.ts";

/** What the directory is asked for by name. Each needs a permission of its own, and none of them is needed for backups. */
export const directoryNames = ["groups", "users", "applications", "roles"] as const;
type DirectoryNames = (typeof directoryNames)[number];

/** The least permission that gives these names, and others that do as well. Source: Microsoft Graph's permission reference. */
const permissions: Record<DirectoryNames, { permission: string; alsoGrantedBy: readonly string[] }> = {
  groups: {
    permission: "Group.ReadBasic.All",
    alsoGrantedBy: ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"],
  },
  users: { permission: "User.ReadBasic.All", alsoGrantedBy: ["User.Read.All", "Directory.Read.All"] },
  applications: { permission: "Application.Read.All", alsoGrantedBy: ["Directory.Read.All"] },
  roles: {
    permission: "RoleManagement.Read.Directory",
    alsoGrantedBy: ["RoleManagement.Read.All", "Directory.Read.All"],
  },
};

/** The kinds that the directory names; the others are objects that policies are made of themselves. */
export const directoryOf: Partial<Record<NameKind, DirectoryNames>> = {
  group: "groups",
  user: "users",
  application: "applications",
  servicePrincipal: "applications",
  directoryRole: "roles",
};

/** The optional permission that gives the names of a kind; null for kinds that need none of their own. */
export function permissionForNames(kind: NameKind): string | null {
  const names = directoryOf[kind];
  return names ? permissions[names].permission : null;
}

/** These also give the rule of a dynamic group. */
const givingRules = ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"];

/** Whether the token gives the names of something. */
export interface NamePermission {
  names: DirectoryNames;
  granted: boolean;
  /** The permission to grant. */
  permission: string;
}

/**
 * What the token's roles allow; no request is needed to know.
 * @param roles application permissions, as `GraphClient.roles` returns them
 */
export function namePermissions(roles: readonly string[]): NamePermission[] {
  return directoryNames.map((names) => {
    const { permission, alsoGrantedBy } = permissions[names];
    return { names, permission, granted: grantsAny(roles, [permission, ...alsoGrantedBy]) };
  });
}

/** Whether the membership rules of dynamic groups may be read. */
export function mayReadRules(roles: readonly string[]): boolean {
  return grantsAny(roles, givingRules);
}

/** A ReadWrite permission includes its Read. */
function grantsAny(roles: readonly string[], sufficient: readonly string[]): boolean {
  const granted = new Set(roles.map((role) => role.toLowerCase()));
  return sufficient.some((permission) => {
    const name = permission.toLowerCase();
    return granted.has(name) || granted.has(name.replace(".read.", ".readwrite."));
  });
}
