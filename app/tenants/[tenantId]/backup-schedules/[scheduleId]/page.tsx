import { Stack } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import type { Metadata } from "next";
import { forTenant } from "#app/for-tenant.ts";
import { found, idOf, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { CursorPager } from "#components/data-table/cursor-pager";
import { EmptyState } from "#components/feedback/empty-state";
import { hrefOf } from "#components/navigation/href.ts";
import { RunStateSaid } from "#components/runs/run-state-said";
import { RunsTable } from "#components/runs/runs-table";
import { ScheduleDetails } from "#components/schedules/details/schedule-details";
import { ScheduleHeaderActions } from "#components/schedules/details/schedule-header-actions";
import { noRunsText } from "#components/schedules/details/schedule-words.ts";
import { PageHeader } from "#components/ui/page-header";
import { Panel } from "#components/ui/panel";
import { counted } from "#lib/counted";
import { listRuns } from "#lib/runs/list";
import { getSchedule } from "#lib/schedules/get";
import * as scheduleActions from "../actions.ts";

interface Props {
  params: Promise<{ tenantId: string; scheduleId: string }>;
  searchParams: SearchParams;
}

async function open(params: Props["params"]) {
  const { tenantId: tenantIdText, scheduleId } = await params;
  const opened = await openTenant(tenantIdText);
  const schedule_id = idOf(scheduleId);
  return { ...opened, schedule: await found(getSchedule(opened.actor, opened.tenantId, { schedule_id })) };
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await open(params)).schedule.name };
}

export default async function SchedulePage({ params, searchParams }: Props) {
  const { actor, tenantId, tenant, schedule } = await open(params);
  const cursor = param(await searchParams, "cursor");
  const path = `/tenants/${tenantId}/backup-schedules/${schedule.id}`;
  const schedule_id = schedule.id;
  const [runs, [newest], [active]] = await Promise.all([
    found(listRuns(actor, tenantId, { schedule_id, limit: 20, ...(cursor ? { cursor } : {}) })),
    listRuns(actor, tenantId, { schedule_id, limit: 1 }).then((page) => page.items),
    listRuns(actor, tenantId, { schedule_id, status: "running", limit: 1 }).then((page) => page.items),
  ]);
  return (
    <>
      <PageHeader
        title={schedule.name}
        back={{ href: `/tenants/${tenantId}/backup-schedules`, label: "Backup schedules" }}
        actions={
          <ScheduleHeaderActions
            schedule={schedule}
            activeRunId={active?.id ?? null}
            hasEndedRun={newest !== undefined && (newest.status !== "running" || runs.items.length > 1)}
            viewer={tenant}
            actions={forTenant(tenantId, scheduleActions)}
          />
        }
      />
      <RunStateSaid run={newest} />
      <Stack gap="md">
        <ScheduleDetails schedule={schedule} isArchived={tenant.is_archived} />
        <Panel title="Run history" flush>
          {runs.items.length === 0 ? (
            <EmptyState icon={<IconHistory size={22} />} title="No runs yet">
              {noRunsText(schedule, tenant.is_archived)}
            </EmptyState>
          ) : (
            <RunsTable runs={runs.items} withSchedule={false} bare />
          )}
        </Panel>
        {cursor || runs.next_cursor ? (
          <CursorPager
            words={`${counted(runs.items.length, "run")}${cursor ? ", older" : ", newest first"}`}
            firstHref={cursor ? path : null}
            nextHref={runs.next_cursor ? hrefOf(path, { cursor: runs.next_cursor }) : null}
          />
        ) : null}
      </Stack>
    </>
  );
}
