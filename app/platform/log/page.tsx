import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { auditLogParams, auditLogQuery } from "#app/audit-log-query.ts";
import { found, requireUser, type SearchParams } from "#app/page-data.ts";
import { AuditLog } from "#components/audit/audit-log";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { AppFrame } from "#components/shell/app-frame";
import { PageHeader } from "#components/ui/page-header";
import { listMyTenantNames } from "#lib/overview/my-tenants";
import { listPlatformLog } from "#lib/platform/audit-log";
import { signOutAction } from "../../sign-in/actions.ts";

export const metadata: Metadata = { title: "Platform audit log" };

/** The platform's own log; there is no such page for others than platform administrators. */
export default async function PlatformLogPage({ searchParams }: { searchParams: SearchParams }) {
  const { actor, ...user } = await requireUser("/platform/log");
  if (!user.is_platform_admin) notFound();
  const query = await searchParams;
  const { filter, filters, cursor, range } = await auditLogQuery(query);
  const [mine, log] = await Promise.all([
    listMyTenantNames(actor, {}),
    found(listPlatformLog(actor, { ...filter, ...(cursor ? { cursor } : {}) })),
  ]);
  return (
    <AppFrame user={user} signOut={signOutAction} tenants={mine}>
      <PageHeader title="Platform audit log" back={{ href: "/platform", label: "Platform" }}>
        What was done to tenants and accounts as such, and what happened at the doors that is of no tenant.
        Each tenant has a log of its own. Entries are never changed.
      </PageHeader>
      <IgnoredFilters query={query} known={auditLogParams} />
      <AuditLog
        owner="platform"
        entries={log.items}
        nextCursor={log.next_cursor}
        filters={filters}
        cursor={cursor}
        range={range}
      />
    </AppFrame>
  );
}
