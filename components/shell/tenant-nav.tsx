"use client";

import {
  IconCalendarClock,
  IconDatabase,
  IconHistory,
  IconKey,
  IconListDetails,
  IconPlugConnected,
  IconShieldCheck,
  IconUsers,
} from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { can, type Permission, type Role } from "#lib/access/permissions";
import classes from "./tenant-nav.module.css";
import { TenantSwitcher } from "./tenant-switcher.tsx";

const groups: readonly {
  label: string | null;
  links: readonly { path: string; label: string; icon: typeof IconUsers; permission: Permission }[];
}[] = [
  {
    label: null,
    links: [
      { path: "", label: "Overview", icon: IconShieldCheck, permission: "tenant:view" },
      {
        path: "/backup-schedules",
        label: "Backup schedules",
        icon: IconCalendarClock,
        permission: "schedule:view",
      },
      { path: "/runs", label: "Runs", icon: IconHistory, permission: "run:view" },
      { path: "/backup-sets", label: "Backup sets", icon: IconDatabase, permission: "set:view" },
    ],
  },
  {
    label: "Tenant",
    links: [
      { path: "/audit-log", label: "Audit log", icon: IconListDetails, permission: "audit:view" },
      { path: "/members", label: "Members", icon: IconUsers, permission: "member:view" },
      { path: "/api-tokens", label: "API tokens", icon: IconKey, permission: "token:manage" },
      { path: "/connection", label: "Connection", icon: IconPlugConnected, permission: "connection:view" },
    ],
  },
];

/** Navigation of one tenant: what the viewer's role includes, and nothing else. */
export function TenantNav({
  tenant,
  tenants,
}: {
  tenant: { id: number; name: string; role: Role };
  tenants: readonly { id: number; name: string; role: Role }[];
}) {
  const pathname = usePathname();
  const base = `/tenants/${tenant.id}`;
  return (
    <div className={classes.root}>
      <TenantSwitcher tenant={tenant} tenants={tenants} />
      <nav aria-label="Tenant">
        {groups.map((group) => {
          const links = group.links.filter((link) => can(tenant.role, link.permission));
          return links.length === 0 ? null : (
            <div key={group.label} className={classes.group}>
              {group.label ? <p className={classes.label}>{group.label}</p> : null}
              <ul className={classes.list}>
                {links.map(({ path, label, icon: Icon }) => {
                  const href = `${base}${path}`;
                  const active = path === "" ? pathname === base : pathname.startsWith(href);
                  return (
                    <li key={path}>
                      <Link
                        href={href}
                        className={classes.link}
                        aria-current={pathname === href ? "page" : active ? "true" : undefined}
                      >
                        <Icon size={17} stroke={1.75} aria-hidden />
                        {label}
                      </Link>
                    </li>
                  );
                })}
              </ul>
            </div>
          );
        })}
      </nav>
    </div>
  );
}
