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
import { hrefOf } from "#components/navigation/href.ts";
import { FoundPolicies } from "#components/policies/found-policies";
import { PolicyTabs } from "#components/policies/policy-tabs";
import { PageHeader } from "#components/ui/page-header";
import { contentPlaces, contentSearchSchema, contentTimes } from "#lib/contents/schema";
import { searchContents } from "#lib/contents/search";
import { catalog } from "#lib/policies/catalog";

export const metadata: Metadata = { title: "Search in contents" };

const knownParams = {
  search: z.string(),
  place: z.enum(contentPlaces),
  time: z.enum(contentTimes),
  type: z.enum(catalog.map(({ key }) => key)),
  cursor: z.string(),
};

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function ContentsPage({ params, searchParams }: Props) {
  const { actor, tenantId } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const search = param(query, "search") ?? "";
  const place = knownParams.place.safeParse(param(query, "place")).data ?? "anywhere";
  const time = knownParams.time.safeParse(param(query, "time")).data ?? "now";
  const type = knownParams.type.safeParse(param(query, "type")).data;
  const cursor = param(query, "cursor");
  const asked = contentSearchSchema.shape.search.safeParse(search);
  const page = asked.success
    ? await found(
        searchContents(actor, tenantId, {
          search,
          place,
          time,
          ...(type ? { policy_type: type } : {}),
          ...(cursor ? { cursor } : {}),
        }),
      )
    : null;
  const path = `/tenants/${tenantId}/policies/contents`;
  const given = {
    search,
    place: place === "anywhere" ? undefined : place,
    time: time === "now" ? undefined : time,
    type,
  };
  return (
    <>
      <PageHeader title="Policies">
        Which policies set something, are assigned to somebody, or have a text somewhere.
      </PageHeader>
      <PolicyTabs tenantId={tenantId} current="contents" />
      <IgnoredFilters query={query} known={knownParams} />
      <div className={tableClasses.toolbar}>
        <SearchField label="Search in contents" />
        <FilterSelect
          label="Where"
          name="place"
          options={[
            { value: "", label: "Anywhere" },
            { value: "settings", label: "Names of settings" },
            { value: "assignments", label: "Assignments" },
          ]}
        />
        <FilterSelect
          label="When"
          name="time"
          options={[
            { value: "", label: "Now" },
            { value: "ever", label: "In any kept set" },
          ]}
        />
        <FilterSelect
          label="Policy type"
          name="type"
          options={[
            { value: "", label: "All types" },
            ...catalog.map(({ key, label }) => ({ value: key, label })),
          ]}
        />
      </div>
      {page === null ? (
        <EmptyState icon={<IconFileSearch size={22} />} title="Look into policies">
          {search === ""
            ? "Search for the name or id of a setting, a group, or any text: a server's name, a line of a script. Secrets are never found."
            : "Type at least two letters or digits."}
        </EmptyState>
      ) : page.items.length === 0 && page.next_cursor === null ? (
        <EmptyState icon={<IconSearchOff size={22} />} title="No policy holds this">
          {time === "now"
            ? "Try a shorter part of it, or look in any kept set."
            : "Try a shorter part of it, or another place."}
        </EmptyState>
      ) : (
        <>
          <FoundPolicies policies={page.items} tenantId={tenantId} />
          <CursorPager
            words={`${page.items.length} ${page.items.length === 1 ? "policy" : "policies"} shown`}
            firstHref={cursor ? hrefOf(path, given) : null}
            nextHref={page.next_cursor ? hrefOf(path, { ...given, cursor: page.next_cursor }) : null}
          />
        </>
      )}
    </>
  );
}
