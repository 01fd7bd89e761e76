import { IconListDetails, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { found, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { viewerZone } from "#app/viewer-zone.ts";
import { ActorFilter } from "#components/audit/actor-filter";
import { AuditTable } from "#components/audit/audit-table";
import { ExportLinks } from "#components/audit/export-links";
import { ClearFilters } from "#components/data-table/clear-filters";
import { CursorPager } from "#components/data-table/cursor-pager";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { SearchField } from "#components/data-table/search-field";
import { readTimeRange } from "#components/data-table/time-range.ts";
import { TimeRangeFilter } from "#components/data-table/time-range-filter";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { PageHeader } from "#components/ui/page-header";
import { can } from "#lib/access/permissions";
import { actionWords, auditGroups } from "#lib/audit/actions";
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
  const [action, by, search, cursor] = ["action", "actor", "search", "cursor"].map((name) =>
    param(query, name),
  );
  const rangeParams = {
    range: param(query, "range"),
    from: param(query, "from"),
    to: param(query, "to"),
    zone: param(query, "zone"),
  };
  const range = readTimeRange(rangeParams, await viewerZone(), Date.now());
  const filter = {
    ...(action ? { action } : {}),
    ...(by ? { actor: by } : {}),
    ...(range.from ? { from: range.from } : {}),
    ...(range.to ? { to: range.to } : {}),
    ...(search ? { search } : {}),
  };
  const [log, actors] = await Promise.all([
    found(listAuditLog(actor, tenantId, { ...filter, ...(cursor ? { cursor } : {}) })),
    auditActors(actor, tenantId, {}),
  ]);
  const path = `/tenants/${tenantId}/audit-log`;
  const filters = { action, actor: by, search, ...(range.choice === "" ? {} : rangeParams) };
  const filtered = Object.values(filters).some((value) => value !== undefined);
  const nameOfChosen = log.items.find((entry) => `${entry.actor_kind}:${entry.actor_id}` === by)?.actor_name;
  const exported = `/api${path}/export`;
  return (
    <>
      <PageHeader
        title="Audit log"
        actions={
          can(tenant.role, "audit:export") ? (
            <ExportLinks csv={hrefOf(`${exported}.csv`, filter)} json={hrefOf(`${exported}.json`, filter)} />
          ) : null
        }
      >
        Who changed what, and what the service did. Entries are never changed.
      </PageHeader>
      <div className={tableClasses.toolbar}>
        <SearchField label="Search by name or number" />
        <FilterSelect label="Action" name="action" options={actionOptions(action)} />
        <ActorFilter {...actors} chosen={by ? { value: by, name: nameOfChosen ?? by } : null} />
        <TimeRangeFilter range={range} />
        {filtered ? <ClearFilters href={path} /> : null}
      </div>
      {range.words ? <p className={tableClasses.meant}>{range.problem ?? `Entries ${range.words}`}</p> : null}
      {log.items.length === 0 ? (
        filtered ? (
          <EmptyState
            icon={<IconSearchOff size={22} />}
            title="No entry matches"
            action={
              <ButtonLink href={path} variant="default">
                Show all entries
              </ButtonLink>
            }
          >
            Try fewer filters.
          </EmptyState>
        ) : (
          <EmptyState icon={<IconListDetails size={22} />} title="No entries">
            What is done in this tenant is written here.
          </EmptyState>
        )
      ) : (
        <>
          <AuditTable entries={log.items} tenantId={tenantId} />
          <CursorPager
            words={`${log.items.length} ${log.items.length === 1 ? "entry" : "entries"}, newest first`}
            firstHref={cursor ? hrefOf(path, filters) : null}
            nextHref={log.next_cursor ? hrefOf(path, { ...filters, cursor: log.next_cursor }) : null}
          />
        </>
      )}
    </>
  );
}

/** The groups, and the single action that an address asks for. */
function actionOptions(action: string | undefined) {
  const groups = Object.entries(auditGroups).map(([value, label]) => ({ value, label }));
  const options = [{ value: "", label: "All actions" }, ...groups];
  if (!action || options.some(({ value }) => value === action)) return options;
  return [...options, { value: action, label: actionWords(action) }];
}
