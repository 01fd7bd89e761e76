import { Stack } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { forTenant } from "#app/for-tenant.ts";
import { found, idOf, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { CursorPager } from "#components/data-table/cursor-pager";
import { FilterSelect } from "#components/data-table/filter-select";
import { SearchField } from "#components/data-table/search-field";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { ApprovalPanel } from "#components/restore/plan/approval-panel";
import { PlanItems } from "#components/restore/plan/plan-items";
import { ReferencesPanel } from "#components/restore/plan/references-panel";
import { RequestPanel } from "#components/restore/plan/request-panel";
import { RestoreHeaderActions } from "#components/restore/plan/restore-actions";
import type { RestoreDetails } from "#components/restore/plan/restore-details.ts";
import { RestoreSummary } from "#components/restore/plan/restore-summary";
import { RestoreStatusBadge } from "#components/restore/restore-badges";
import {
  hasBegun,
  outcomeLabels,
  outcomeOrder,
  policiesText,
  stateLabels,
  stateOrder,
} from "#components/restore/restore-words.ts";
import { PrintedFrom } from "#components/runs/details/print-run";
import { PageHeader } from "#components/ui/page-header";
import type { Actor } from "#lib/access/actor";
import { canIn } from "#lib/access/permissions";
import { findType } from "#lib/policies/catalog";
import { listRestoreReferences } from "#lib/restore/change-plan";
import { getRestore, listRestoreItems } from "#lib/restore/list";
import type { RestoreItem } from "#lib/restore/schema";
import { getWriteConnection } from "#lib/restore/write-connection";
import { getRun } from "#lib/runs/get";
import * as restoreActions from "../actions.ts";

interface Props {
  params: Promise<{ tenantId: string; restoreId: string }>;
  searchParams: SearchParams;
}

const pageSize = 100;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Restore ${(await params).restoreId}` };
}

export default async function RestorePage({ params, searchParams }: Props) {
  const { tenantId: tenantIdText, restoreId } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  const query = await searchParams;
  const restore_id = idOf(restoreId);
  const restore = await found(getRestore(actor, tenantId, { restore_id }));
  const begun = hasBegun(restore);
  const filter = {
    search: param(query, "search"),
    type: restore.types.find((known) => known === param(query, "type")),
    outcome: begun ? undefined : outcomeOrder.find((known) => known === param(query, "outcome")),
    state: begun ? stateOrder.find((known) => known === param(query, "state")) : undefined,
  };
  const cursor = param(query, "cursor");
  const [items, references, connection, planning] = await Promise.all([
    found(
      listRestoreItems(actor, tenantId, {
        restore_id,
        limit: pageSize,
        ...(filter.search ? { search: filter.search } : {}),
        ...(filter.type ? { policy_type: filter.type } : {}),
        ...(filter.outcome ? { outcome: filter.outcome } : {}),
        ...(filter.state ? { state: filter.state } : {}),
        ...(cursor ? { cursor } : {}),
      }),
    ),
    restore.status === "planned" || restore.status === "awaiting_approval"
      ? listRestoreReferences(actor, tenantId, { restore_id })
      : [],
    restore.status === "planned" && canIn(tenant, "restore:execute")
      ? getWriteConnection(actor, tenantId, {})
      : null,
    restore.status === "planning" ? readingOf(actor, tenantId, restore.run_id) : null,
  ]);
  const actions = forTenant(tenantId, restoreActions);
  const plans = canIn(tenant, "restore:plan") && restore.status === "planned";
  const ended = ["done", "done_with_problems", "stopped"].includes(restore.status);
  const path = `/tenants/${tenantId}/restores/${restore.id}`;
  const filtered = Object.values(filter).some((value) => value !== undefined);
  return (
    <>
      <PrintedFrom
        title={restore.started_at ? "report of a restore" : "plan of a restore"}
        tenant={tenant.name}
      />
      <PageHeader
        title={`Restore ${restore.id}`}
        back={{ href: `/tenants/${tenantId}/restores`, label: "Restores" }}
        beside={<RestoreStatusBadge status={restore.status} />}
        actions={<RestoreHeaderActions restore={restore} viewer={tenant} actions={actions} />}
      >
        {policiesText(restore.items)} to {tenant.name}
      </PageHeader>
      <Stack gap="md">
        <RestoreSummary restore={restore} planning={planning} />
        {restore.status === "awaiting_approval" && !tenant.is_archived ? (
          <ApprovalPanel
            restore={restore}
            tenantName={tenant.name}
            isRequester={actor.kind === "user" && restore.requested_by?.id === actor.user_id}
            approves={canIn(tenant, "restore:approve")}
            actions={actions}
          />
        ) : null}
        {references.length > 0 ? (
          <ReferencesPanel
            tenantId={tenant.id}
            restoreId={restore.id}
            references={references}
            tenantName={tenant.name}
            decide={plans ? actions.decide : null}
          />
        ) : null}
        {["planning", "planned"].includes(restore.status) && !tenant.is_archived ? (
          <RequestPanel
            restore={restore}
            tenantName={tenant.name}
            executes={canIn(tenant, "restore:execute")}
            connection={connection && { kept_until: connection.kept_until }}
            request={actions.request}
          />
        ) : null}
        <div>
          <PlanItems
            items={items.items.toSorted((a, b) => rankOf(a, begun) - rankOf(b, begun))}
            tenantId={tenantId}
            sourceTenantId={restore.source.tenant_id}
            begun={begun}
            acts={{
              changeItems: plans ? actions.changeItems : null,
              takeLater: ended && canIn(tenant, "restore:approve") ? actions.takeLater : null,
            }}
            isPart={items.items.length < restore.items}
            toolbar={<Filters restore={restore} begun={begun} />}
            empty={
              <EmptyState
                icon={<IconSearchOff size={22} />}
                title="No policy matches"
                action={
                  <ButtonLink href={path} variant="default">
                    Show all policies
                  </ButtonLink>
                }
              >
                Try other words, another policy type, or another outcome.
              </EmptyState>
            }
          />
          {items.items.length === 0 ? null : (
            <CursorPager
              words={
                filtered
                  ? `${policiesText(items.items.length)} shown`
                  : `${items.items.length} of ${policiesText(restore.items)} shown`
              }
              firstHref={cursor ? hrefOf(path, filter) : null}
              nextHref={items.next_cursor ? hrefOf(path, { ...filter, cursor: items.next_cursor }) : null}
            />
          )}
        </div>
      </Stack>
    </>
  );
}

/** What is written, or went wrong, stands before what stays as it is. */
function rankOf({ outcome, state, is_skipped }: RestoreItem, begun: boolean): number {
  if (begun) return stateOrder.indexOf(state);
  return outcome === null || is_skipped ? outcomeOrder.length : outcomeOrder.indexOf(outcome);
}

function Filters({
  restore: { types, outcomes, states },
  begun,
}: {
  restore: RestoreDetails;
  begun: boolean;
}) {
  return (
    <>
      <SearchField label="Search policies by name" />
      {types.length > 1 ? (
        <FilterSelect
          label="Policy type"
          name="type"
          options={[
            { value: "", label: "All policy types" },
            ...types.map((key) => ({ value: key, label: findType(key)?.label ?? key })),
          ]}
        />
      ) : null}
      {begun ? (
        <FilterSelect
          label="State"
          name="state"
          options={[
            { value: "", label: "Any state" },
            ...stateOrder.flatMap((value) =>
              states[value] ? [{ value, label: `${stateLabels[value]} (${states[value]})` }] : [],
            ),
          ]}
        />
      ) : (
        <FilterSelect
          label="Outcome"
          name="outcome"
          options={[
            { value: "", label: "Any outcome" },
            ...outcomeOrder.flatMap((value) =>
              outcomes[value] ? [{ value, label: `${outcomeLabels[value]} (${outcomes[value]})` }] : [],
            ),
          ]}
        />
      )}
    </>
  );
}

/** How far the run is that reads what is live; null before it has begun. */
async function readingOf(actor: Actor, tenantId: number, runId: number | null) {
  if (runId === null) return null;
  const { progress } = await getRun(actor, tenantId, { run_id: runId });
  if (!progress) return null;
  const types = Object.values(progress.types);
  return {
    done: types.reduce((sum, type) => sum + type.captured + type.failed, 0),
    expected: types.reduce((sum, type) => sum + type.expected, 0),
  };
}
