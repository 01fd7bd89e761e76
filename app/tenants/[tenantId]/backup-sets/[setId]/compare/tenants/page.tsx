import { Stack } from "@mantine/core";
import { IconBuildings, IconDatabase, IconEqual, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { found, idOf, openTenant, type SearchParams } from "#app/page-data.ts";
import { restoreStart } from "#app/tenants/[tenantId]/restores/restore-start.ts";
import { compareHref } from "#components/compare/compare-links.ts";
import {
  changeLabels,
  comparisonNotes,
  differenceCount,
  swappedChange,
  tenantChangeLabels,
} from "#components/compare/compare-words.ts";
import { ChangeFilter } from "#components/compare/list/change-filter";
import { ChangeList } from "#components/compare/list/change-list";
import { mostAlike } from "#components/compare/most-alike.ts";
import { CompareNotes, CompareSides } from "#components/compare/sides/sides";
import { TenantChoice } from "#components/compare/sides/tenant-choice";
import { CursorPager } from "#components/data-table/cursor-pager";
import { FilterSelect } from "#components/data-table/filter-select";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { SearchField } from "#components/data-table/search-field";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { PageHeader } from "#components/ui/page-header";
import type { Actor } from "#lib/access/actor";
import { compareTenants, type TenantComparison } from "#lib/compare/by-name";
import { getComparedSet } from "#lib/compare/compare";
import type { ComparedSet, ItemChange } from "#lib/compare/schema";
import { listMyTenantNames, type TenantName as Tenant } from "#lib/overview/my-tenants";
import { findType } from "#lib/policies/catalog";
import type { BackupSetDetails } from "#lib/sets/schema";
import { getBackupSet, listBackupSets } from "#lib/sets/sets";
import {
  type CompareState,
  comparisonParams,
  filterOf,
  idInAddress,
  idParam,
  parseCompareState,
} from "../compare-state.ts";

const knownParams = { ...comparisonParams, tenant: idInAddress, set: idInAddress };

interface Props {
  params: Promise<{ tenantId: string; setId: string }>;
  searchParams: SearchParams;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Compare set ${(await params).setId} with another tenant` };
}

export default async function CompareTenantsPage({ params, searchParams }: Props) {
  const { tenantId: tenantIdText, setId: setIdText } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  const query = await searchParams;
  const setId = idOf(setIdText);
  const [{ set: right }, mine] = await Promise.all([
    found(getComparedSet(actor, tenantId, { set_id: setId })),
    listMyTenantNames(actor, {}),
  ]);
  const others = mine.filter(({ id }) => id !== tenantId);
  const wanted = idParam(query, "tenant");
  const other = wanted === undefined ? others[0] : others.find(({ id }) => id === wanted);
  const header = (sentence?: string) => (
    <PageHeader
      title="Compare with another tenant"
      back={{ href: compareHref(tenantId, setId), label: `Compare set ${setId}` }}
    >
      {sentence}
    </PageHeader>
  );
  if (!other) {
    return (
      <>
        {header()}
        <EmptyState
          icon={<IconBuildings size={22} />}
          title={
            others.length === 0 ? "You are a member of one tenant only" : "This tenant is not one of yours"
          }
          action={
            others.length === 0 ? undefined : (
              <ButtonLink href={`${compareHref(tenantId, setId)}/tenants`} variant="default">
                Choose one of your tenants
              </ButtonLink>
            )
          }
        >
          Sets of two tenants can be compared, policy by policy of the same name, by a person who is a member
          of both.
        </EmptyState>
      </>
    );
  }
  const state = parseCompareState(query);
  const filter = { change: state.change, type: state.type, search: state.search };
  const leftId = idParam(query, "set") ?? (await likelySet(actor, other.id, right));
  const pattern = (set: string) =>
    hrefOf(`/tenants/${tenantId}/backup-sets/${setId}/compare/tenants`, {
      tenant: other.id,
      set,
      ...filter,
    });
  const left =
    leftId === null ? null : (await found(getComparedSet(actor, other.id, { set_id: leftId }))).set;
  return (
    <>
      {header(
        left
          ? `Set ${right.id} of ${tenant.name} with set ${left.id} of ${other.name}, by the names of the policies. Ids, groups and what else each tenant numbers or names for itself are not compared.`
          : undefined,
      )}
      <IgnoredFilters query={query} known={knownParams} />
      <Stack gap="md">
        <CompareSides
          left={{
            label: "There",
            tenantId: other.id,
            set: left,
            hrefPattern: pattern("SET"),
            above: <TenantChoice tenants={others} value={other.id} />,
          }}
          right={{
            label: "Here",
            tenantId,
            set: right,
            scheduleId: right.backup_schedule_id,
            hrefPattern: hrefOf(`/tenants/${tenantId}/backup-sets/SET/compare/tenants`, {
              tenant: other.id,
              set: left?.id,
              ...filter,
            }),
            above: <TenantName>{tenant.name}</TenantName>,
          }}
          swapHref={
            left &&
            hrefOf(`/tenants/${other.id}/backup-sets/${left.id}/compare/tenants`, {
              tenant: tenantId,
              set: right.id,
              ...filter,
              change: state.change && swappedChange(state.change),
            })
          }
        />
        {left ? (
          <Differences actor={actor} left={left} right={right} other={other} state={state} />
        ) : (
          <EmptyState icon={<IconDatabase size={22} />} title={`${other.name} has no backup set yet`}>
            Its schedules’ first run makes one that can be compared.
          </EmptyState>
        )}
      </Stack>
    </>
  );
}

function TenantName({ children }: { children: string }) {
  return <div style={{ padding: "0.4375rem 0", fontWeight: 500 }}>{children}</div>;
}

/** The set that is most likely meant: see `mostAlike`. */
async function likelySet(actor: Actor, tenantId: number, set: ComparedSet): Promise<number | null> {
  const { items } = await listBackupSets(actor, tenantId, { limit: 200 });
  return mostAlike(set, items)?.id ?? null;
}

async function Differences({
  actor,
  left,
  right,
  other,
  state,
}: {
  actor: Actor;
  left: ComparedSet;
  right: ComparedSet;
  other: Tenant;
  state: CompareState;
}) {
  const { change, type, search, cursor } = state;
  const sides = [
    { tenant_id: left.tenant_id, set_id: left.id },
    { tenant_id: right.tenant_id, set_id: right.id },
  ] as const;
  const [comparison, leftDetails, rightDetails, start] = await Promise.all([
    found(
      compareTenants(actor, right.tenant_id, {
        set_id: right.id,
        with_tenant_id: left.tenant_id,
        with_set_id: left.id,
        ...filterOf(state),
      }),
    ),
    found(getBackupSet(actor, left.tenant_id, { set_id: left.id })),
    found(getBackupSet(actor, right.tenant_id, { set_id: right.id })),
    restoreStart(actor, other, right.tenant_id),
  ]);
  const { counts, matching, items, next_cursor } = comparison;
  const path = `/tenants/${right.tenant_id}/backup-sets/${right.id}/compare/tenants`;
  const href = (changes: Partial<CompareState>) =>
    hrefOf(path, { tenant: left.tenant_id, set: left.id, change, type, search, ...changes });
  const filtered = change !== undefined || type !== undefined || search !== undefined;
  const labels: Record<ItemChange, string> = {
    ...tenantChangeLabels,
    removed: `Only in ${other.name}`,
  };
  const notes = <CompareNotes notes={comparisonNotes(left, right, counts?.not_captured ?? 0, true)} />;
  if (isSame(counts) && !filtered) {
    return (
      <>
        {notes}
        <EmptyState
          icon={<IconEqual size={22} />}
          title="Both tenants say the same"
          action={
            <ButtonLink href={href({ change: "unchanged" })} variant="default">
              Show what is the same
            </ButtonLink>
          }
        >
          Every policy of the one has its namesake in the other, with the same content.
        </EmptyState>
      </>
    );
  }
  const toolbar = (
    <>
      <SearchField label="Search policies by name" />
      <FilterSelect
        label="Policy type"
        name="type"
        options={[{ value: "", label: "All policy types" }, ...typesOf(leftDetails, rightDetails)]}
      />
    </>
  );
  return (
    <>
      {notes}
      <ChangeFilter
        counts={matching}
        current={change}
        labels={labels}
        hrefOf={(to) => href({ change: to })}
      />
      <div>
        <ChangeList
          key={`${left.id}-${right.id}`}
          start={start}
          rows={items}
          left={sides[0]}
          right={sides[1]}
          newer={right}
          labels={{ ...tenantChangeLabels, not_captured: changeLabels.not_captured }}
          params={{ type, search }}
          toolbar={toolbar}
          empty={
            <EmptyState
              icon={<IconSearchOff size={22} />}
              title="No policy matches"
              action={
                <ButtonLink href={hrefOf(path, { tenant: left.tenant_id, set: left.id })} variant="default">
                  Show all differences
                </ButtonLink>
              }
            >
              Try other words, another policy type, or another kind of difference.
            </EmptyState>
          }
        />
        {items.length === 0 ? null : (
          <CursorPager
            words={`${items.length} ${items.length === 1 ? "policy" : "policies"} shown`}
            firstHref={cursor ? href({}) : null}
            nextHref={next_cursor ? href({ cursor: next_cursor }) : null}
          />
        )}
      </div>
    </>
  );
}

function isSame(counts: TenantComparison["counts"]): boolean {
  return counts !== null && differenceCount(counts) === 0;
}

/** The policy types that either set holds, in the order of their names. */
function typesOf(...sets: readonly BackupSetDetails[]) {
  const keys = new Set(
    sets.flatMap(({ types }) =>
      Object.entries(types).flatMap(([key, type]) => (type.captured > 0 ? [key] : [])),
    ),
  );
  return [...keys]
    .map((key) => ({ value: key, label: findType(key)?.label ?? key }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}
