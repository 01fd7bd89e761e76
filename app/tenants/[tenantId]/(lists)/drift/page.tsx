import { IconCircleCheck, IconRulerMeasure, IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { z } from "zod";
import { forTenant } from "#app/for-tenant.ts";
import { found, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { ClearFilters } from "#components/data-table/clear-filters";
import { CursorPager } from "#components/data-table/cursor-pager";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { SearchField } from "#components/data-table/search-field";
import { BaselineButton } from "#components/drift/baseline-button";
import { BaselinePanel } from "#components/drift/baseline-panel";
import { DriftList } from "#components/drift/drift-list";
import { differencesText, driftKindLabels } from "#components/drift/drift-words.ts";
import { StateFilter } from "#components/drift/state-filter";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { PageHeader } from "#components/ui/page-header";
import { getDriftSummary, listDrift } from "#lib/drift/list";
import { driftFilters, driftKinds } from "#lib/drift/schema";
import { findType } from "#lib/policies/catalog";
import * as driftActions from "./actions.ts";
import { baselineChoice } from "./baseline-choice.ts";

export const metadata: Metadata = { title: "Drift" };

const knownParams = {
  state: z.enum(driftFilters),
  kind: z.enum(driftKinds),
  type: z.string(),
  search: z.string(),
  cursor: z.string(),
};

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

/** What differs from the baseline, and what people say about it. */
export default async function DriftPage({ params, searchParams }: Props) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const state = driftFilters.find((known) => known === param(query, "state"));
  const kind = driftKinds.find((known) => known === param(query, "kind"));
  const [policy_type, search, cursor] = [
    param(query, "type"),
    param(query, "search"),
    param(query, "cursor"),
  ];
  const [summary, drifts, choice] = await Promise.all([
    getDriftSummary(actor, tenantId, {}),
    found(
      listDrift(actor, tenantId, {
        limit: 100,
        ...(state ? { state } : {}),
        ...(kind ? { kind } : {}),
        ...(policy_type ? { policy_type } : {}),
        ...(search ? { search } : {}),
        ...(cursor ? { cursor } : {}),
      }),
    ),
    baselineChoice(actor, tenant),
  ]);
  const actions = choice ? forTenant(tenantId, driftActions) : null;
  const path = `/tenants/${tenantId}/drift`;
  const { baseline } = summary;
  const header = (
    <PageHeader title="Drift">
      What differs from the baseline: from what this tenant shall look like. Looked for after each backup.
    </PageHeader>
  );
  const ignored = <IgnoredFilters query={query} known={knownParams} />;
  const isFiltered = Boolean(state || kind || policy_type || search);
  if (!baseline && !isFiltered) {
    return (
      <>
        {header}
        {ignored}
        <EmptyState
          icon={<IconRulerMeasure size={22} />}
          title="No baseline yet"
          action={
            choice && actions ? (
              <BaselineButton choice={choice} set={actions.set} variant="filled">
                Choose a baseline…
              </BaselineButton>
            ) : undefined
          }
        >
          A baseline is what the tenant shall look like: the policies of a backup set, of this tenant or of
          another one. Once it is chosen, each backup is compared with it; you accept what may be, deny what
          may not, and bring it back.{choice ? "" : " A manager chooses it."}
        </EmptyState>
      </>
    );
  }
  const total = summary.new + summary.accepted + summary.denied;
  const filters = { state, kind, type: policy_type, search };
  return (
    <>
      {header}
      {ignored}
      <div style={{ display: "grid", gap: "1.25rem" }}>
        {baseline ? (
          <BaselinePanel baseline={baseline} manages={choice && actions ? { actions, choice } : null} />
        ) : null}
        <div>
          <StateFilter
            counts={summary}
            current={state}
            hrefOf={(wanted) => hrefOf(path, { ...filters, state: wanted })}
          />
          <div className={tableClasses.toolbar}>
            <SearchField label="Search policies by name" />
            <FilterSelect
              label="Kind"
              name="kind"
              options={[
                { value: "", label: "Any kind" },
                ...driftKinds.map((value) => ({ value, label: driftKindLabels[value] })),
              ]}
            />
            <FilterSelect
              label="Policy type"
              name="type"
              options={[
                { value: "", label: "All types" },
                ...summary.types.map(({ policy_type: value, ...counts }) => ({
                  value,
                  label: `${findType(value)?.label ?? value} (${counts.new + counts.accepted + counts.denied})`,
                })),
              ]}
            />
            {isFiltered ? <ClearFilters href={path} /> : null}
          </div>
          <DriftList
            key={hrefOf(path, filters)}
            drifts={drifts.items}
            tenantId={tenantId}
            actions={actions}
            empty={
              isFiltered ? (
                <EmptyState
                  icon={<IconSearchOff size={22} />}
                  title="No difference matches"
                  action={
                    <ButtonLink href={path} variant="default">
                      Show all {total === 0 ? "" : total}
                    </ButtonLink>
                  }
                >
                  Try other words, or another state.
                </EmptyState>
              ) : (
                <EmptyState
                  icon={<IconCircleCheck size={22} />}
                  title={baseline?.compared_at ? "No drift" : "Not compared yet"}
                >
                  {baseline?.compared_at
                    ? "The tenant is as its baseline has it, as far as backups have shown it since."
                    : "What differs is worked out in a moment, and after each backup from then on."}
                </EmptyState>
              )
            }
          />
          {drifts.items.length > 0 ? (
            <CursorPager
              words={`${differencesText(drifts.items.length)} shown`}
              firstHref={cursor ? hrefOf(path, filters) : null}
              nextHref={drifts.next_cursor ? hrefOf(path, { ...filters, cursor: drifts.next_cursor }) : null}
            />
          ) : null}
        </div>
      </div>
    </>
  );
}
