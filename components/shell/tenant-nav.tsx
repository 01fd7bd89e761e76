"use client";

import {
  IconArrowBackUp,
  IconBellRinging,
  IconCalendarClock,
  IconDatabase,
  IconFileSearch,
  IconHistory,
  IconKey,
  IconListDetails,
  IconPlugConnected,
  IconRulerMeasure,
  IconShieldCheck,
  IconUsers,
} from "@tabler/icons-react";
import { usePathname } from "next/navigation";
import type { Role } from "#lib/access/permissions";
import { Link } from "../navigation/link.tsx";
import { useDestination } from "../navigation/navigation.tsx";
import { tenantPages } from "../navigation/tenant-pages.ts";
import classes from "./tenant-nav.module.css";
import { TenantSwitcher } from "./tenant-switcher.tsx";

const icons: Record<string, typeof IconUsers> = {
  "": IconShieldCheck,
  "/backup-schedules": IconCalendarClock,
  "/runs": IconHistory,
  "/backup-sets": IconDatabase,
  "/policies": IconFileSearch,
  "/restores": IconArrowBackUp,
  "/drift": IconRulerMeasure,
  "/alerts": IconBellRinging,
  "/audit-log": IconListDetails,
  "/members": IconUsers,
  "/api-tokens": IconKey,
  "/connection": IconPlugConnected,
};

const groups = [
  { key: "backups", label: null },
  { key: "tenant", label: "Tenant" },
] as const;

/** Navigation of one tenant: what the viewer's role includes, and nothing else. */
export function TenantNav({
  tenant,
  tenants,
}: {
  tenant: { id: number; name: string; role: Role };
  tenants: readonly { id: number; name: string; role: Role }[];
}) {
  const pathname = usePathname();
  // A click is seen to count at once, however long its page takes.
  const destination = useDestination();
  const base = `/tenants/${tenant.id}`;
  const pages = tenantPages(tenant.role);
  return (
    <nav aria-label="Tenant" className={classes.root} data-leaving={destination !== null || undefined}>
      <TenantSwitcher tenant={tenant} tenants={tenants} />
      {groups.map((group) => {
        const links = pages.filter((page) => page.group === group.key);
        return links.length === 0 ? null : (
          <div key={group.key} className={classes.group}>
            {group.label ? <p className={classes.label}>{group.label}</p> : null}
            <ul className={classes.list}>
              {links.map(({ path, label }) => {
                const Icon = icons[path] ?? IconListDetails;
                const href = `${base}${path}`;
                const leadsTo = (shown: string) => (path === "" ? shown === base : shown.startsWith(href));
                return (
                  <li key={path}>
                    <Link
                      href={href}
                      className={classes.link}
                      aria-current={pathname === href ? "page" : leadsTo(pathname) ? "true" : undefined}
                      data-going={(destination !== null && leadsTo(destination)) || undefined}
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
  );
}
