import type { Metadata } from "next";
import { auditLogParams, auditLogQuery } from "#app/audit-log-query.ts";
import { found, openTenant, type SearchParams } from "#app/page-data.ts";
import { AuditLog } from "#components/audit/audit-log";
import { ExportLinks } from "#components/audit/export-links";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { hrefOf } from "#components/navigation/href.ts";
import { PageHeader } from "#components/ui/page-header";
import { canIn } from "#lib/access/permissions";
import { auditActors } from "#lib/audit/actors";
import { listAuditLog } from "#lib/audit/list";

export const metadata: Metadata = { title: "Audit log" };

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function AuditLogPage({ params, searchParams }: Props) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const { filter, filters, cursor, range } = await auditLogQuery(query);
  const [log, actors] = await Promise.all([
    found(listAuditLog(actor, tenantId, { ...filter, ...(cursor ? { cursor } : {}) })),
    auditActors(actor, tenantId, {}),
  ]);
  const exported = `/api/tenants/${tenantId}/audit-log/export`;
  return (
    <>
      <PageHeader
        title="Audit log"
        actions={
          canIn(tenant, "audit:export") ? (
            <ExportLinks csv={hrefOf(`${exported}.csv`, filter)} json={hrefOf(`${exported}.json`, filter)} />
          ) : null
        }
      >
        Who changed what, and what the service did, such as giving a role by a rule for Microsoft Entra ID.
        Entries are never changed.
      </PageHeader>
      <IgnoredFilters query={query} known={auditLogParams} />
      <AuditLog
        owner={tenantId}
        entries={log.items}
        nextCursor={log.next_cursor}
        filters={filters}
        cursor={cursor}
        range={range}
        {...actors}
      />
    </>
  );
}
