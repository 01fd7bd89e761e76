import { IconDatabase } from "@tabler/icons-react";
import type { Metadata } from "next";
import { SetsTable } from "#components/backup-sets/sets-table";
import { CursorPager } from "#components/data-table/cursor-pager";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/shell/button-link";
import { PageHeader } from "#components/shell/page-header";
import { listBackupSets } from "#lib/backups/sets";
import { hrefOf } from "../../../../../components/data-table/href.ts";
import { found, openTenant, param, type SearchParams } from "../../../../page-data.ts";

export const metadata: Metadata = { title: "Backup sets" };

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function SetsPage({ params, searchParams }: Props) {
  const { actor, tenantId } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const cursor = param(query, "cursor");
  const schedule = param(query, "schedule");
  const sets = await found(
    listBackupSets(actor, tenantId, {
      ...(cursor ? { cursor } : {}),
      ...(schedule ? { schedule_id: Number(schedule) } : {}),
    }),
  );
  const path = `/tenants/${tenantId}/backup-sets`;
  if (sets.items.length === 0 && !cursor) {
    return (
      <>
        <PageHeader title="Backup sets" />
        <EmptyState
          icon={<IconDatabase size={22} />}
          title="No backup sets yet"
          action={<ButtonLink href={`/tenants/${tenantId}/backup-schedules`}>Backup schedules</ButtonLink>}
        >
          Each run that captures policies makes one backup set. It never changes afterwards.
        </EmptyState>
      </>
    );
  }
  const [first] = sets.items;
  return (
    <>
      <PageHeader
        title="Backup sets"
        actions={
          schedule ? (
            <ButtonLink href={path} variant="default">
              Show all backup sets
            </ButtonLink>
          ) : undefined
        }
      >
        {schedule && first ? `Of the schedule ${first.schedule_name}` : null}
      </PageHeader>
      <SetsTable sets={sets.items} />
      <CursorPager
        words={`${sets.items.length} backup ${sets.items.length === 1 ? "set" : "sets"}, newest first`}
        firstHref={cursor ? hrefOf(path, { schedule }) : null}
        nextHref={sets.next_cursor ? hrefOf(path, { schedule, cursor: sets.next_cursor }) : null}
      />
    </>
  );
}
