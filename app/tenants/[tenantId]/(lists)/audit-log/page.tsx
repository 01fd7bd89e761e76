import { IconListDetails } from "@tabler/icons-react";
import type { Metadata } from "next";
import { AuditTable } from "#components/audit/audit-table";
import { CursorPager } from "#components/data-table/cursor-pager";
import { FilterSelect } from "#components/data-table/filter-select";
import { EmptyState } from "#components/feedback/empty-state";
import { PageHeader } from "#components/shell/page-header";
import { listAuditLog } from "#lib/audit/list";
import { actionGroups } from "../../../../../components/audit/words.ts";
import tableClasses from "../../../../../components/data-table/data-table.module.css";
import { hrefOf } from "../../../../../components/data-table/href.ts";
import { found, openTenant, param, type SearchParams } from "../../../../page-data.ts";

export const metadata: Metadata = { title: "Audit log" };

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function AuditLogPage({ params, searchParams }: Props) {
  const { actor, tenantId } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const [action, cursor] = [param(query, "action"), param(query, "cursor")];
  const log = await found(
    listAuditLog(actor, tenantId, { ...(action ? { action } : {}), ...(cursor ? { cursor } : {}) }),
  );
  const path = `/tenants/${tenantId}/audit-log`;
  return (
    <>
      <PageHeader title="Audit log">
        Who changed what, and what the service did. Entries are never changed.
      </PageHeader>
      <div className={tableClasses.toolbar}>
        <FilterSelect label="Action" name="action" options={actionGroups} />
      </div>
      {log.items.length === 0 ? (
        <EmptyState icon={<IconListDetails size={22} />} title="No entries">
          {action ? "Nothing of this kind has happened yet." : "What is done in this tenant is written here."}
        </EmptyState>
      ) : (
        <>
          <AuditTable entries={log.items} tenantId={tenantId} />
          <CursorPager
            words={`${log.items.length} ${log.items.length === 1 ? "entry" : "entries"}, newest first`}
            firstHref={cursor ? hrefOf(path, { action }) : null}
            nextHref={log.next_cursor ? hrefOf(path, { action, cursor: log.next_cursor }) : null}
          />
        </>
      )}
    </>
  );
}
