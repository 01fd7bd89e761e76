/** Roles of a member or token in one tenant, from least to most. */
export const roles = ["readonly", "operator", "manager", "owner"] as const;
export type Role = (typeof roles)[number];

/** What each permission needs at least. UI, API and operations all ask this table. */
export const permissions = {
  "tenant:view": "readonly",
  "schedule:view": "readonly",
  "run:view": "readonly",
  "set:view": "readonly",
  "audit:view": "readonly",
  "member:view": "readonly",
  "notification:own": "readonly",
  "alert:view": "readonly",
  "run:start": "operator",
  "run:cancel": "operator",
  "set:verify": "operator",
  "alert:acknowledge": "operator",
  "schedule:write": "manager",
  "set:pin": "manager",
  "set:remove": "manager",
  "set:export": "manager",
  "audit:export": "manager",
  "alert:manage": "manager",
  "baseline:manage": "manager",
  "member:write": "owner",
  "token:manage": "owner",
  "restore:plan": "manager",
  "restore:execute": "owner",
  "restore:approve": "owner",
  "write_connection:manage": "owner",
  "connection:view": "manager",
  "connection:manage": "owner",
  "tenant:write": "owner",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof permissions;

/**
 * What only a person may do, whatever the role of a token: a token that leaks must not make itself at home by making
 * others, letting people in, or sending the tenant's credential elsewhere.
 */
export const personPermissions: ReadonlySet<Permission> = new Set<Permission>([
  "member:write",
  "token:manage",
  "connection:manage",
  "restore:approve",
  "write_connection:manage",
]);

/** What changes nothing in a tenant, though it leaves an audit entry: it is done in an archived tenant as well. */
export const archivePermissions: ReadonlySet<string> = new Set<Permission>(["set:export", "audit:export"]);

/** What is only looked at with, in an archived tenant as in any other. */
const viewPermissions: ReadonlySet<Permission> = new Set<Permission>([
  "tenant:view",
  "schedule:view",
  "run:view",
  "set:view",
  "audit:view",
  "member:view",
  "notification:own",
  "alert:view",
  "connection:view",
]);

/** Permissions of the worker's own actors: no member's role grants them. */
export const systemPermissions = [
  "run:execute",
  "retention:apply",
  "dispatch:tick",
  "service:observe",
  "authors:record",
  "definitions:learn",
  "credential:rotate",
  "member:follow_rules",
  "restore:work",
  "alert:deliver",
  "drift:compare",
  "contents:index",
] as const;
export type SystemPermission = (typeof systemPermissions)[number];

/** Whether a role includes a permission. */
export function can(role: Role, permission: Permission): boolean {
  return !isLower(role, permissions[permission]);
}

/** Whether a role may do less than another. */
export function isLower(role: Role, than: Role): boolean {
  return roles.indexOf(role) < roles.indexOf(than);
}

/** What somebody may do in a tenant goes by. */
export interface Standing {
  role: Role;
  /** Then it is looked at and exported, and access to it taken away; nothing else, whatever the role. */
  is_archived: boolean;
}

/**
 * Whether somebody can do in a tenant now what a permission is for. Pages and components ask this before they offer anything;
 * `can` alone says who may look at a page, and who takes access away, which is done in an archived tenant as well.
 */
export function canIn({ role, is_archived }: Standing, permission: Permission): boolean {
  const holds = !is_archived || archivePermissions.has(permission) || viewPermissions.has(permission);
  return holds && can(role, permission);
}
