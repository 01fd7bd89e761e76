import { can, type Permission, type Role } from "#lib/access/permissions";

/** A page of every tenant, as navigation, command palette and shortcuts know it. */
export interface TenantPage {
  /** Below `/tenants/{id}`. */
  path: string;
  label: string;
  permission: Permission;
  group: "backups" | "tenant";
  /** The second key after `g`. */
  key: string;
  /** Other words by which it is found. */
  also?: readonly string[];
}

const pages: readonly TenantPage[] = [
  { path: "", label: "Overview", permission: "tenant:view", group: "backups", key: "o" },
  {
    path: "/backup-schedules",
    label: "Backup schedules",
    permission: "schedule:view",
    group: "backups",
    key: "s",
  },
  { path: "/runs", label: "Runs", permission: "run:view", group: "backups", key: "r" },
  { path: "/backup-sets", label: "Backup sets", permission: "set:view", group: "backups", key: "b" },
  { path: "/policies", label: "Policies", permission: "set:view", group: "backups", key: "p" },
  {
    path: "/restores",
    label: "Restores",
    permission: "set:view",
    group: "backups",
    key: "e",
    also: ["Undo", "Roll back", "Bring back", "Recover"],
  },
  {
    path: "/drift",
    label: "Drift",
    permission: "set:view",
    group: "backups",
    key: "d",
    also: ["Baseline", "Differences", "Golden configuration", "Accept", "Deny"],
  },
  { path: "/alerts", label: "Alerts", permission: "alert:view", group: "tenant", key: "l" },
  { path: "/audit-log", label: "Audit log", permission: "audit:view", group: "tenant", key: "a" },
  { path: "/members", label: "Members", permission: "member:view", group: "tenant", key: "m" },
  { path: "/api-tokens", label: "API tokens", permission: "token:manage", group: "tenant", key: "k" },
  { path: "/connection", label: "Connection", permission: "connection:view", group: "tenant", key: "c" },
];

/** The pages that a role may open, in the order of the navigation. */
export function tenantPages(role: Role): TenantPage[] {
  return pages.filter((page) => can(role, page.permission));
}
