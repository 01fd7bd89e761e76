import { IconHistory, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { z } from "zod";
import { found, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { viewerTime } from "#app/viewer-time.ts";
import { ClearFilters } from "#components/data-table/clear-filters";
import { CursorPager } from "#components/data-table/cursor-pager";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { readTimeRange } from "#components/data-table/time-range.ts";
import { TimeRangeFilter } from "#components/data-table/time-range-filter";
import { timeRangeParams } from "#components/data-table/time-range-params.ts";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { runFilterLabels, runTriggerLabels } from "#components/runs/run-state.ts";
import { RunsTable } from "#components/runs/runs-table";
import { ScheduleFilter } from "#components/runs/schedule-filter";
import { PageHeader } from "#components/ui/page-header";
import { runTriggers } from "#lib/capture/summary";
import { listRuns } from "#lib/runs/list";
import { scheduleChoices } from "#lib/runs/schedule-choices";
import { runStateFilters } from "#lib/runs/schema";
import { findSchedules } from "../../runs/actions.ts";

export const metadata: Metadata = { title: "Runs" };

const knownParams = {
  status: z.enum(runStateFilters),
  trigger: z.enum(runTriggers),
  schedule: z.string().regex(/^[1-9][0-9]{0,8}$/),
  cursor: z.string(),
  ...timeRangeParams,
};

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function RunsPage({ params, searchParams }: Props) {
  const { actor, tenantId } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const status = runStateFilters.find((known) => known === param(query, "status"));
  const trigger = runTriggers.find((known) => known === param(query, "trigger"));
  const scheduleId = Number(/^[1-9][0-9]{0,8}$/.exec(param(query, "schedule") ?? "")?.[0] ?? 0);
  const [schedule] = scheduleId ? await scheduleChoices(actor, tenantId, { id: scheduleId }) : [];
  const rangeParams = {
    range: param(query, "range"),
    from: param(query, "from"),
    to: param(query, "to"),
    zone: param(query, "zone"),
  };
  const range = readTimeRange(rangeParams, await viewerTime(), Date.now());
  const cursor = param(query, "cursor");
  const runs = await found(
    listRuns(actor, tenantId, {
      ...(status ? { status } : {}),
      ...(trigger ? { trigger } : {}),
      ...(scheduleId ? { schedule_id: scheduleId } : {}),
      ...(range.from ? { from: range.from } : {}),
      ...(range.to ? { to: range.to } : {}),
      ...(cursor ? { cursor } : {}),
    }),
  );
  const path = `/tenants/${tenantId}/runs`;
  // Also that of a schedule that is not there: it filters all the same.
  const filters = {
    status,
    trigger,
    schedule: scheduleId || undefined,
    ...(range.choice === "" ? {} : rangeParams),
  };
  const filtered = Object.values(filters).some((value) => value !== undefined);
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
      <IgnoredFilters query={query} known={knownParams} />
      <div className={tableClasses.toolbar}>
        <FilterSelect
          label="Status"
          name="status"
          options={[
            { value: "", label: "Any status" },
            ...(["running", "queued", "started"] as const).map(stateOption),
            ...(["success", "partial", "failed", "canceled", "skipped"] as const).map(stateOption),
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
        <ScheduleFilter chosen={schedule ?? null} find={findSchedules.bind(null, tenantId)} />
        <TimeRangeFilter range={range} />
        {filtered ? <ClearFilters href={path} /> : null}
      </div>
      {range.words ? <p className={tableClasses.meant}>{range.problem ?? `Due ${range.words}`}</p> : null}
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
            words={`${runs.items.length} ${runs.items.length === 1 ? "run" : "runs"}, ${range.from || range.to ? "latest due" : "newest"} first`}
            firstHref={cursor ? hrefOf(path, filters) : null}
            nextHref={runs.next_cursor ? hrefOf(path, { ...filters, cursor: runs.next_cursor }) : null}
          />
        </>
      )}
    </>
  );
}

function stateOption(value: (typeof runStateFilters)[number]) {
  return { value, label: runFilterLabels[value] };
}
