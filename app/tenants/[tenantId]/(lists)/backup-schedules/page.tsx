import { IconCalendarClock, IconPlus, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { forTenant } from "#app/for-tenant.ts";
import { found, openTenant, type SearchParams } from "#app/page-data.ts";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { SearchField } from "#components/data-table/search-field";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { SchedulesTable } from "#components/schedules/table/schedules-table";
import { PageHeader } from "#components/ui/page-header";
import { canIn } from "#lib/access/permissions";
import { scheduleTable, scheduleTableSchema } from "#lib/schedules/table";
import * as scheduleActions from "../../backup-schedules/actions.ts";
import { parseTableState } from "./table-state.ts";

export const metadata: Metadata = { title: "Backup schedules" };

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function SchedulesPage({ params, searchParams }: Props) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const state = parseTableState(query);
  const { rows, total, unfiltered_total } = await found(scheduleTable(actor, tenantId, state));
  const path = `/tenants/${tenantId}/backup-schedules`;
  // The last page has gone, with the schedules that were on it.
  if (rows.length === 0 && total > 0) {
    redirect(hrefOf(path, { ...state, page: Math.ceil(total / state.size) }));
  }
  const create = canIn(tenant, "schedule:write") ? (
    <ButtonLink href={`${path}/new`} leftSection={<IconPlus size={16} aria-hidden />}>
      New schedule
    </ButtonLink>
  ) : undefined;
  if (unfiltered_total === 0) {
    return (
      <>
        <PageHeader title="Backup schedules" />
        <EmptyState icon={<IconCalendarClock size={22} />} title="No backup schedules yet" action={create}>
          A schedule says which policies are backed up, when, and how many backup sets are kept.
          {create
            ? " Create the first one; it takes a minute."
            : " A manager of this tenant can create the first one."}
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title="Backup schedules" actions={create} />
      <IgnoredFilters query={query} known={scheduleTableSchema.shape} />
      <div className={tableClasses.toolbar}>
        <SearchField label="Search schedules" />
        <FilterSelect
          label="State"
          name="state"
          options={[
            { value: "", label: "Any state" },
            { value: "enabled", label: "Enabled" },
            { value: "disabled", label: "Disabled" },
          ]}
        />
        <FilterSelect
          label="Last run"
          name="last"
          options={[
            { value: "", label: "Any last run" },
            { value: "success", label: "Success" },
            { value: "partial", label: "Partial" },
            { value: "failed", label: "Failed" },
            { value: "canceled", label: "Canceled" },
            { value: "skipped", label: "Skipped" },
            { value: "never", label: "Never ran" },
          ]}
        />
      </div>
      <SchedulesTable
        rows={rows}
        total={total}
        url={{ sort: state.sort, direction: state.direction, page: state.page, size: state.size }}
        tenantId={tenantId}
        viewer={tenant}
        actions={forTenant(tenantId, scheduleActions)}
        empty={
          <EmptyState
            icon={<IconSearchOff size={22} />}
            title="No schedule matches"
            action={
              <ButtonLink href={path} variant="default">
                Show all {unfiltered_total}
              </ButtonLink>
            }
          >
            Try other words, or fewer filters.
          </EmptyState>
        }
      />
    </>
  );
}
