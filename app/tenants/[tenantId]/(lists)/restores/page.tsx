import { IconArrowBackUp, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { z } from "zod";
import { found, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { ClearFilters } from "#components/data-table/clear-filters";
import { CursorPager } from "#components/data-table/cursor-pager";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { statusLabels } from "#components/restore/restore-words.ts";
import { RestoresTable } from "#components/restore/restores-table";
import { PageHeader } from "#components/ui/page-header";
import { listRestores } from "#lib/restore/list";
import { restoreStatuses } from "#lib/restore/schema";

export const metadata: Metadata = { title: "Restores" };

const knownParams = { status: z.enum(restoreStatuses), cursor: z.string() };

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function RestoresPage({ params, searchParams }: Props) {
  const { actor, tenantId } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const status = restoreStatuses.find((known) => known === param(query, "status"));
  const cursor = param(query, "cursor");
  const restores = await found(
    listRestores(actor, tenantId, { ...(status ? { status } : {}), ...(cursor ? { cursor } : {}) }),
  );
  const path = `/tenants/${tenantId}/restores`;
  const header = (
    <PageHeader title="Restores">
      Policies that were brought back from a backup, and the plans for it. Nothing is ever deleted.
    </PageHeader>
  );
  const ignored = <IgnoredFilters query={query} known={knownParams} />;
  if (restores.items.length === 0 && !status && !cursor) {
    return (
      <>
        {header}
        {ignored}
        <EmptyState
          icon={<IconArrowBackUp size={22} />}
          title="Nothing was restored yet"
          action={<ButtonLink href={`/tenants/${tenantId}/backup-sets`}>Backup sets</ButtonLink>}
        >
          Open a backup set, a comparison or a policy’s history, choose policies, and make a plan: it says
          what would happen before anything is written.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      {header}
      {ignored}
      <div className={tableClasses.toolbar}>
        <FilterSelect
          label="Status"
          name="status"
          options={[
            { value: "", label: "Any status" },
            ...restoreStatuses.map((value) => ({ value, label: statusLabels[value] })),
          ]}
        />
        {status ? <ClearFilters href={path} /> : null}
      </div>
      {restores.items.length === 0 ? (
        <EmptyState
          icon={<IconSearchOff size={22} />}
          title="No restore matches"
          action={
            <ButtonLink href={path} variant="default">
              Show all restores
            </ButtonLink>
          }
        >
          Choose another status.
        </EmptyState>
      ) : (
        <>
          <RestoresTable restores={restores.items} />
          <CursorPager
            words={`${restores.items.length} ${restores.items.length === 1 ? "restore" : "restores"}, newest first`}
            firstHref={cursor ? hrefOf(path, { status }) : null}
            nextHref={restores.next_cursor ? hrefOf(path, { status, cursor: restores.next_cursor }) : null}
          />
        </>
      )}
    </>
  );
}
