import { SimpleGrid, Stack } from "@mantine/core";
import type { Metadata } from "next";
import { FailureList } from "#components/runs/failure-list";
import { RunsTable } from "#components/runs/runs-table";
import { NextRuns } from "#components/schedules/next-runs";
import { PageHeader } from "#components/shell/page-header";
import { Panel } from "#components/shell/panel";
import { Figures } from "#components/tenants/figures";
import { GettingStarted } from "#components/tenants/getting-started";
import { ProtectionSentence } from "#components/tenants/protection-badge";
import { listBackupSets } from "#lib/backups/sets";
import { listRuns } from "#lib/runs/list";
import { scheduleTable } from "#lib/schedules/table";
import { openTenant } from "../../../page-data.ts";

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: { absolute: `${(await openTenant((await params).tenantId)).tenant.name} · TenantPilot` } };
}

interface Props {
  params: Promise<{ tenantId: string }>;
}

export default async function OverviewPage({ params }: Props) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  const [due, recent, active, failed, partial, [newestSet]] = await Promise.all([
    scheduleTable(actor, tenantId, { sort: "next_run_at", state: "enabled", size: 10 }),
    listRuns(actor, tenantId, { limit: 100 }),
    listRuns(actor, tenantId, { status: "running", limit: 5 }),
    listRuns(actor, tenantId, { status: "failed", limit: 5 }),
    listRuns(actor, tenantId, { status: "partial", limit: 5 }),
    listBackupSets(actor, tenantId, { limit: 1 }).then((page) => page.items),
  ]);
  const troubled = [...failed.items, ...partial.items].sort((a, b) => b.id - a.id).slice(0, 5);
  return (
    <>
      <PageHeader title={tenant.name} />
      <Stack gap="md">
        <ProtectionSentence tenant={tenant} />
        {tenant.schedules.total === 0 ? (
          <GettingStarted tenantId={tenantId} role={tenant.role} />
        ) : (
          <>
            <Figures tenant={tenant} recent={recent.items} newestSet={newestSet ?? null} />
            {active.items.length > 0 ? (
              <Panel title="Under way" flush>
                <RunsTable runs={active.items} bare />
              </Panel>
            ) : null}
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
              <NextRuns schedules={due.rows.slice(0, 6)} tenantId={tenantId} />
              <FailureList runs={troubled} tenantId={tenantId} />
            </SimpleGrid>
          </>
        )}
      </Stack>
    </>
  );
}
