import { Stack } from "@mantine/core";
import { IconArrowsDiff, IconEqual, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { found, idOf, openTenant, type SearchParams } from "#app/page-data.ts";
import { restoreStart } from "#app/tenants/[tenantId]/restores/restore-start.ts";
import { compareHref } from "#components/compare/compare-links.ts";
import {
  changeLabels,
  comparisonNotes,
  comparisonSentence,
  differenceCount,
  swappedChange,
  wholeBeforeText,
} from "#components/compare/compare-words.ts";
import { ChangeFilter } from "#components/compare/list/change-filter";
import { ChangeList } from "#components/compare/list/change-list";
import { CompareNotes, CompareSides } from "#components/compare/sides/sides";
import { CursorPager } from "#components/data-table/cursor-pager";
import { FilterSelect } from "#components/data-table/filter-select";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { SearchField } from "#components/data-table/search-field";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import type { RestoreStart } from "#components/restore/start/restore-start.ts";
import { PageHeader } from "#components/ui/page-header";
import { changeAuthors } from "#lib/authors/change-authors";
import type { ChangeAuthor } from "#lib/authors/schema";
import { compareSets } from "#lib/compare/compare";
import type { Comparison, ComparisonRow } from "#lib/compare/schema";
import { listMyTenantNames } from "#lib/overview/my-tenants";
import { findType } from "#lib/policies/catalog";
import {
  type CompareState,
  comparisonParams,
  filterOf,
  idInAddress,
  idParam,
  parseCompareState,
} from "./compare-state.ts";

const knownParams = { ...comparisonParams, with: idInAddress };

interface Props {
  params: Promise<{ tenantId: string; setId: string }>;
  searchParams: SearchParams;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Compare set ${(await params).setId}` };
}

export default async function ComparePage({ params, searchParams }: Props) {
  const { tenantId: tenantIdText, setId: setIdText } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  const query = await searchParams;
  const [setId, withId, state] = [idOf(setIdText), idParam(query, "with"), parseCompareState(query)];
  const [comparison, tenants] = await Promise.all([
    found(
      compareSets(actor, tenantId, {
        set_id: setId,
        ...(withId === undefined ? {} : { with_set_id: withId }),
        ...filterOf(state),
      }),
    ),
    listMyTenantNames(actor, {}),
  ]);
  const { left, right } = comparison;
  const authors = left
    ? await changeAuthors(actor, tenantId, {
        set_id: right.id,
        with_set_id: left.id,
        graph_ids: comparison.items.map(graphIdOf),
      })
    : {};
  const start = left && left.id !== right.id ? await restoreStart(actor, tenant) : null;
  const filter = { change: state.change, type: state.type, search: state.search };
  return (
    <>
      <PageHeader
        title="Compare"
        back={{ href: `/tenants/${tenantId}/backup-sets/${setId}`, label: `Backup set ${setId}` }}
        actions={
          tenants.length > 1 ? (
            <ButtonLink href={`/tenants/${tenantId}/backup-sets/${setId}/compare/tenants`} variant="default">
              With another tenant
            </ButtonLink>
          ) : undefined
        }
      >
        {left ? comparisonSentence(left, right) : `Set ${right.id} of ${right.schedule_name}.`}
      </PageHeader>
      <IgnoredFilters query={query} known={knownParams} />
      <Stack gap="md">
        <CompareSides
          left={{
            label: "Before",
            tenantId,
            set: left,
            scheduleId: right.backup_schedule_id,
            hrefPattern: compareHref(tenantId, setId, { with: "SET", ...filter }),
          }}
          right={{
            label: "After",
            tenantId,
            set: right,
            scheduleId: right.backup_schedule_id,
            hrefPattern: hrefOf(`/tenants/${tenantId}/backup-sets/SET/compare`, {
              with: left?.id,
              ...filter,
            }),
          }}
          swapHref={
            left && left.id !== right.id
              ? compareHref(tenantId, left.id, {
                  with: right.id,
                  ...filter,
                  change: state.change && swappedChange(state.change),
                })
              : null
          }
        />
        {left ? (
          <Differences
            comparison={comparison}
            left={left}
            authors={authors}
            withId={withId}
            state={state}
            start={start}
          />
        ) : (
          <EmptyState icon={<IconArrowsDiff size={22} />} title="Nothing to compare with yet">
            Set {right.id} is the first that is kept of {right.schedule_name}. The schedule’s next run makes a
            set that shows what has changed since. Until then, choose any other set above.
          </EmptyState>
        )}
      </Stack>
    </>
  );
}

function Differences({
  comparison: { right, counts, matching, types, whole_before, items, next_cursor },
  left,
  authors,
  withId,
  state: { change, type, search, cursor },
  start,
}: {
  comparison: Comparison;
  left: NonNullable<Comparison["left"]>;
  /** Who changed which policy, by its Graph id. */
  authors: Record<string, ChangeAuthor[]>;
  withId: number | undefined;
  state: CompareState;
  start: RestoreStart | null;
}) {
  const href = (changes: Partial<CompareState>) =>
    compareHref(right.tenant_id, right.id, { with: withId, change, type, search, ...changes });
  const notes = (
    <CompareNotes
      notes={comparisonNotes(left, right, counts.not_captured, false)}
      elsewhere={whole_before.map(({ set_id, policy_types }) => ({
        words: wholeBeforeText(
          set_id,
          policy_types.map((key) => findType(key)?.label ?? key),
        ),
        link: `Compare with set ${set_id}`,
        href: compareHref(right.tenant_id, right.id, { with: set_id }),
      }))}
    />
  );
  const filtered = change !== undefined || type !== undefined || search !== undefined;
  if (differenceCount(counts) === 0 && !filtered) {
    return (
      <>
        {notes}
        <EmptyState
          icon={<IconEqual size={22} />}
          title={`Nothing changed between set ${left.id} and set ${right.id}`}
          action={
            counts.unchanged > 0 ? (
              <ButtonLink href={href({ change: "unchanged" })} variant="default">
                Show what is the same
              </ButtonLink>
            ) : undefined
          }
        >
          {counts.unchanged === 0
            ? "Neither set holds a policy."
            : counts.unchanged === 1
              ? "The one policy is the same in both."
              : `All ${counts.unchanged} policies are the same in both, byte for byte.`}
        </EmptyState>
      </>
    );
  }
  const ofType = (key: string) => {
    const of = types.find(({ policy_type }) => policy_type === key)?.counts;
    return of ? (change ? of[change] : differenceCount(of)) : 0;
  };
  const toolbar = (
    <>
      <SearchField label="Search policies by name" />
      <FilterSelect
        label="Policy type"
        name="type"
        options={[
          { value: "", label: "All policy types" },
          ...types
            .filter(({ policy_type }) => ofType(policy_type) > 0 || policy_type === type)
            .map(({ policy_type }) => ({
              value: policy_type,
              label: `${findType(policy_type)?.label ?? policy_type} (${ofType(policy_type)})`,
            })),
        ]}
      />
    </>
  );
  return (
    <>
      {notes}
      <ChangeFilter
        counts={matching}
        current={change}
        labels={changeLabels}
        hrefOf={(to) => href({ change: to })}
      />
      <div>
        <ChangeList
          key={`${left.id}-${right.id}`}
          start={start}
          rows={items.map((row) => ({ ...row, changedBy: authors[graphIdOf(row)] ?? [] }))}
          left={{ tenant_id: left.tenant_id, set_id: left.id }}
          right={{ tenant_id: right.tenant_id, set_id: right.id }}
          newer={left.created_at > right.created_at ? left : right}
          labels={changeLabels}
          params={{ type, search }}
          toolbar={toolbar}
          empty={
            <EmptyState
              icon={<IconSearchOff size={22} />}
              title={
                change && !type && !search
                  ? `No policy is ${changeLabels[change].toLowerCase()}`
                  : "No policy matches"
              }
              action={
                <ButtonLink href={compareHref(right.tenant_id, right.id, { with: withId })} variant="default">
                  Show all differences
                </ButtonLink>
              }
            >
              {change && !type && !search
                ? `Between set ${left.id} and set ${right.id}, that is.`
                : "Try other words, another policy type, or another kind of change."}
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

function graphIdOf({ left, right }: ComparisonRow): string {
  return (right ?? left)?.graph_id ?? "";
}
