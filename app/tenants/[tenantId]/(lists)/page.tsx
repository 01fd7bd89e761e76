import { Stack } from "@mantine/core";
import type { Metadata } from "next";
import { openTenant, param, type SearchParams } from "#app/page-data.ts";
import { viewerTime } from "#app/viewer-time.ts";
import { RunsTable } from "#components/runs/runs-table";
import { NextRuns } from "#components/schedules/details/next-runs";
import { ChangesChart, RunsChart } from "#components/tenants/overview/day-charts";
import { FailureCauses } from "#components/tenants/overview/failure-causes";
import { Figures } from "#components/tenants/overview/figures";
import { GettingStarted } from "#components/tenants/overview/getting-started";
import classes from "#components/tenants/overview/overview.module.css";
import { ProtectionSentence } from "#components/tenants/overview/protection-sentence";
import { StoragePanel } from "#components/tenants/overview/storage-panel";
import { PageHeader } from "#components/ui/page-header";
import { Panel } from "#components/ui/panel";
import { PhoneFold } from "#components/ui/phone-fold";
import { countableZone } from "#lib/overview/days";
import { getTenantOverview } from "#lib/overview/overview";
import { getStorageOverview } from "#lib/overview/storage";
import { getUpcomingRuns } from "#lib/overview/upcoming";
import { listRuns } from "#lib/runs/list";
import { scheduleTable } from "#lib/schedules/table";

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  return { title: { absolute: `${(await openTenant((await params).tenantId)).tenant.name} · TenantPilot` } };
}

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function OverviewPage({ params, searchParams }: Props) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  const timezone = countableZone((await viewerTime()).zone);
  const range = param(await searchParams, "next") === "week" ? "week" : "day";
  const [overview, storage, upcoming, due, active] = await Promise.all([
    getTenantOverview(actor, tenantId, { timezone }),
    getStorageOverview(actor, tenantId, { timezone }),
    getUpcomingRuns(actor, tenantId, { timezone, range }),
    scheduleTable(actor, tenantId, { sort: "next_run_at", state: "enabled", size: 10 }),
    listRuns(actor, tenantId, { status: "running", limit: 5 }),
  ]);
  const charts = (
    <PhoneFold label="Runs and changes by day">
      <div className={classes.pair}>
        <RunsChart overview={overview} />
        <ChangesChart overview={overview} />
      </div>
    </PhoneFold>
  );
  const attention = (
    <div className={classes.pair}>
      <FailureCauses causes={overview.failures} tenantId={tenantId} viewer={tenant} />
      <NextRuns
        upcoming={upcoming}
        range={range}
        schedules={due.rows.slice(0, 4)}
        tenantId={tenantId}
        isArchived={tenant.is_archived}
      />
    </div>
  );
  // What somebody has to do something about comes before what is nice to see.
  const urgent = overview.failures.some((cause) => cause.unresolved_schedules > 0);
  return (
    <>
      <PageHeader title={tenant.name} />
      <Stack gap="md">
        <ProtectionSentence facts={overview.protection} tenantId={tenantId} viewer={tenant} />
        {overview.protection.schedules.total === 0 ? (
          <GettingStarted tenantId={tenantId} viewer={tenant} />
        ) : (
          <>
            <Figures overview={overview} storage={storage} />
            {active.items.length > 0 ? (
              <Panel title="Under way" flush>
                <RunsTable runs={active.items} bare />
              </Panel>
            ) : null}
            {urgent ? attention : charts}
            {urgent ? charts : attention}
            <PhoneFold label="Storage">
              <div className={classes.whole}>
                <StoragePanel storage={storage} tenantId={tenantId} timezone={timezone} />
              </div>
            </PhoneFold>
          </>
        )}
      </Stack>
    </>
  );
}
