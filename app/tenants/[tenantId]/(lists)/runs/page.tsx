import { IconHistory, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { CursorPager } from "#components/data-table/cursor-pager";
import { FilterSelect } from "#components/data-table/filter-select";
import { EmptyState } from "#components/feedback/empty-state";
import { RunsTable } from "#components/runs/runs-table";
import { ButtonLink } from "#components/shell/button-link";
import { PageHeader } from "#components/shell/page-header";
import { listRuns } from "#lib/runs/list";
import { runStatuses, runTriggers } from "#lib/runs/schema";
import tableClasses from "../../../../../components/data-table/data-table.module.css";
import { hrefOf } from "../../../../../components/data-table/href.ts";
import { runStateLabels, runTriggerLabels } from "../../../../../components/runs/run-state.ts";
import { found, openTenant, param, type SearchParams } from "../../../../page-data.ts";

export const metadata: Metadata = { title: "Runs" };

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function RunsPage({ params, searchParams }: Props) {
  const { actor, tenantId } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const status = runStatuses.find((known) => known === param(query, "status"));
  const trigger = runTriggers.find((known) => known === param(query, "trigger"));
  const cursor = param(query, "cursor");
  const runs = await found(
    listRuns(actor, tenantId, {
      ...(status ? { status } : {}),
      ...(trigger ? { trigger } : {}),
      ...(cursor ? { cursor } : {}),
    }),
  );
  const path = `/tenants/${tenantId}/runs`;
  const filtered = status !== undefined || trigger !== undefined;
  if (runs.items.length === 0 && !filtered && !cursor) {
    return (
      <>
        <PageHeader title="Runs" />
        <EmptyState
          icon={<IconHistory size={22} />}
          title="No runs yet"
          action={<ButtonLink href={`/tenants/${tenantId}/backup-schedules`}>Backup schedules</ButtonLink>}
        >
          A run is one execution of a backup schedule. It starts when the schedule is due, or with Run now.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title="Runs" />
      <div className={tableClasses.toolbar}>
        <FilterSelect
          label="Status"
          name="status"
          options={[
            { value: "", label: "Any status" },
            ...runStatuses.map((value) => ({
              value,
              label: value === "running" ? "Running or queued" : runStateLabels[value],
            })),
          ]}
        />
        <FilterSelect
          label="Started by"
          name="trigger"
          options={[
            { value: "", label: "Started by anything" },
            ...runTriggers.map((value) => ({ value, label: runTriggerLabels[value] })),
          ]}
        />
      </div>
      {runs.items.length === 0 ? (
        <EmptyState
          icon={<IconSearchOff size={22} />}
          title="No run matches"
          action={
            <ButtonLink href={path} variant="default">
              Show all runs
            </ButtonLink>
          }
        >
          Try fewer filters.
        </EmptyState>
      ) : (
        <>
          <RunsTable runs={runs.items} />
          <CursorPager
            words={`${runs.items.length} ${runs.items.length === 1 ? "run" : "runs"}, newest first`}
            firstHref={cursor ? hrefOf(path, { status, trigger }) : null}
            nextHref={runs.next_cursor ? hrefOf(path, { status, trigger, cursor: runs.next_cursor }) : null}
          />
        </>
      )}
    </>
  );
}
