import { IconFileSearch, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { z } from "zod";
import { found, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { CursorPager } from "#components/data-table/cursor-pager";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { SearchField } from "#components/data-table/search-field";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { PoliciesTable } from "#components/policies/policies-table";
import { PolicyTabs } from "#components/policies/policy-tabs";
import { PageHeader } from "#components/ui/page-header";
import { catalog } from "#lib/policies/catalog";
import { searchPolicies } from "#lib/sets/policy-history";

export const metadata: Metadata = { title: "Policies" };

const knownParams = {
  search: z.string(),
  type: z.enum(catalog.map(({ key }) => key)),
  cursor: z.string(),
};

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function PoliciesPage({ params, searchParams }: Props) {
  const { actor, tenantId } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const [search, cursor] = [param(query, "search"), param(query, "cursor")];
  const type = knownParams.type.safeParse(param(query, "type")).data;
  const policies = await found(
    searchPolicies(actor, tenantId, {
      ...(search ? { search } : {}),
      ...(type ? { policy_type: type } : {}),
      ...(cursor ? { cursor } : {}),
    }),
  );
  const path = `/tenants/${tenantId}/policies`;
  const filtered = search !== undefined || type !== undefined;
  if (policies.items.length === 0 && !filtered && !cursor) {
    return (
      <>
        <PageHeader title="Policies" />
        <EmptyState
          icon={<IconFileSearch size={22} />}
          title="No policy is backed up yet"
          action={<ButtonLink href={`/tenants/${tenantId}/backup-schedules`}>Backup schedules</ButtonLink>}
        >
          Every policy that a backup set holds is found here, with all its versions; also when it was deleted
          in the tenant since.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title="Policies">
        Every policy in the kept backup sets, with its versions over time.
      </PageHeader>
      <PolicyTabs tenantId={tenantId} current="names" />
      <IgnoredFilters query={query} known={knownParams} />
      <div className={tableClasses.toolbar}>
        <SearchField label="Search by name or id" />
        <FilterSelect
          label="Policy type"
          name="type"
          options={[
            { value: "", label: "All types" },
            ...catalog.map(({ key, label }) => ({ value: key, label })),
          ]}
        />
      </div>
      {policies.items.length === 0 ? (
        <EmptyState
          icon={<IconSearchOff size={22} />}
          title="No policy matches"
          action={
            <ButtonLink href={path} variant="default">
              Show all policies
            </ButtonLink>
          }
        >
          Try other words, or another policy type. Earlier names count too.
        </EmptyState>
      ) : (
        <>
          <PoliciesTable policies={policies.items} tenantId={tenantId} />
          <CursorPager
            words={`${policies.items.length} ${policies.items.length === 1 ? "policy" : "policies"} shown`}
            firstHref={cursor ? hrefOf(path, { search, type }) : null}
            nextHref={
              policies.next_cursor ? hrefOf(path, { search, type, cursor: policies.next_cursor }) : null
            }
          />
        </>
      )}
    </>
  );
}
