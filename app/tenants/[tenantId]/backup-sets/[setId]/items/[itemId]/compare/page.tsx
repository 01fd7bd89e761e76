import { Stack } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import type { Metadata } from "next";
import { found, idOf, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { idParam } from "#app/tenants/[tenantId]/backup-sets/[setId]/compare/compare-state.ts";
import { restoreStart } from "#app/tenants/[tenantId]/restores/restore-start.ts";
import { ChangedBy } from "#components/compare/changed-by";
import { compareHref, type ItemAt, itemCompareHref, itemHref } from "#components/compare/compare-links.ts";
import { otherNameText } from "#components/compare/compare-words.ts";
import { ChangedNav } from "#components/compare/list/changed-nav";
import { PolicyDiff } from "#components/compare/policy/policy-diff";
import { policyDiffViews } from "#components/compare/policy/policy-diff-views.ts";
import { ItemSides } from "#components/compare/sides/item-sides";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { StartRestoreButton } from "#components/restore/start/start-restore-button";
import { PageHeader } from "#components/ui/page-header";
import { Panel } from "#components/ui/panel";
import { changeAuthors } from "#lib/authors/change-authors";
import { getComparedSet } from "#lib/compare/compare";
import { compareItems } from "#lib/compare/items";
import { type ChangedPolicy, type ComparisonPlace, placeInComparison } from "#lib/compare/place";
import { getTenantName } from "#lib/overview/my-tenants";
import { findType } from "#lib/policies/catalog";

interface Props {
  params: Promise<{ tenantId: string; setId: string; itemId: string }>;
  searchParams: SearchParams;
}

export const metadata: Metadata = { title: "Compare a policy" };

export default async function ItemComparePage({ params, searchParams }: Props) {
  const { tenantId: tenantIdText, setId, itemId } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  const query = await searchParams;
  const right: ItemAt = { tenant_id: tenantId, set_id: idOf(setId), item_id: idOf(itemId) };
  const [type, search] = [param(query, "type"), param(query, "search")];
  const [withTenant, withSet, withItem] = [
    idParam(query, "with_tenant") ?? tenantId,
    idParam(query, "with_set"),
    idParam(query, "with_item"),
  ];
  const place =
    withTenant === tenantId
      ? await found(
          placeInComparison(actor, tenantId, {
            set_id: right.set_id,
            item_id: right.item_id,
            ...(withSet === undefined ? {} : { with_set_id: withSet }),
            ...(type ? { policy_type: type } : {}),
            ...(search ? { search } : {}),
          }),
        )
      : null;
  const leftSetId = withSet ?? place?.left_set_id ?? null;
  const leftItemId = withItem ?? place?.left_item_id ?? null;
  const back = {
    href: backHref(right, withTenant, withSet, { type, search }),
    label: "Compare",
  };
  if (leftSetId === null || leftItemId === null) {
    return (
      <>
        <PageHeader title="Compare a policy" back={back} />
        <EmptyState
          icon={<IconArrowsDiff size={22} />}
          title="Nothing to compare with"
          action={
            <ButtonLink href={itemHref(right)} variant="default">
              Read the policy
            </ButtonLink>
          }
        >
          {leftSetId === null
            ? `Set ${right.set_id} is the first that is kept of its schedule.`
            : `Set ${leftSetId} does not hold this policy.`}
        </EmptyState>
      </>
    );
  }
  const left: ItemAt = { tenant_id: withTenant, set_id: leftSetId, item_id: leftItemId };
  const [comparison, leftSet, rightSet, otherTenant] = await Promise.all([
    found(
      compareItems(actor, right.tenant_id, {
        set_id: right.set_id,
        item_id: right.item_id,
        with_tenant_id: left.tenant_id,
        with_set_id: left.set_id,
        with_item_id: left.item_id,
      }),
    ),
    found(getComparedSet(actor, left.tenant_id, { set_id: left.set_id })),
    found(getComparedSet(actor, right.tenant_id, { set_id: right.set_id })),
    withTenant === tenantId ? null : found(getTenantName(actor, withTenant, {})),
  ]);
  const authors =
    withTenant === tenantId && left.set_id !== right.set_id
      ? await changeAuthors(actor, tenantId, {
          set_id: right.set_id,
          with_set_id: left.set_id,
          graph_ids: [comparison.right.graph_id],
        })
      : {};
  const otherName = otherNameText(
    comparison.left.display_name,
    comparison.right.display_name,
    withTenant !== tenantId,
  );
  const changedBy = authors[comparison.right.graph_id] ?? [];
  const nav = place && placeOf(place, left, right, { type, search });
  const start = await restoreStart(actor, otherTenant ?? tenant, tenantId);
  return (
    <>
      <PageHeader
        title={comparison.right.display_name}
        back={back}
        actions={
          <>
            {start && left.set_id !== right.set_id ? (
              <StartRestoreButton
                start={start}
                setId={left.set_id}
                policies={[
                  {
                    policy_type: comparison.left.policy_type,
                    graph_id: comparison.left.graph_id,
                    display_name: comparison.left.display_name,
                  },
                ]}
              >
                Restore the version of set {left.set_id}…
              </StartRestoreButton>
            ) : null}
            {nav}
          </>
        }
      >
        {findType(comparison.right.policy_type)?.label ?? comparison.right.policy_type}
        {otherName && `, ${otherName}`}
        {changedBy.length > 0 ? (
          <div>
            <ChangedBy
              by={changedBy}
              newer={leftSet.set.created_at > rightSet.set.created_at ? leftSet.set : rightSet.set}
            />
          </div>
        ) : null}
      </PageHeader>
      <Stack gap="md">
        <ItemSides
          before={{ item: left, set: leftSet.set, tenantName: otherTenant?.name }}
          after={{ item: right, set: rightSet.set, tenantName: otherTenant ? tenant.name : undefined }}
        />
        <Panel>
          <PolicyDiff
            key={`${left.item_id}-${right.item_id}`}
            left={left}
            right={right}
            comparison={{
              identical: comparison.identical,
              changes: comparison.changes,
              words: comparison.words,
              names: comparison.names,
            }}
            heading="h2"
            firstView={policyDiffViews.find((view) => view === param(query, "view")) ?? "words"}
            inAddress
          />
        </Panel>
      </Stack>
    </>
  );
}

function backHref(
  right: ItemAt,
  withTenant: number,
  withSet: number | undefined,
  filter: { type: string | undefined; search: string | undefined },
): string {
  if (withTenant === right.tenant_id)
    return compareHref(right.tenant_id, right.set_id, { with: withSet, ...filter });
  const query = new URLSearchParams({ tenant: String(withTenant) });
  for (const [name, value] of Object.entries({ set: withSet, ...filter })) {
    if (value) query.set(name, String(value));
  }
  return `/tenants/${right.tenant_id}/backup-sets/${right.set_id}/compare/tenants?${query}`;
}

function placeOf(
  { position, total, previous, next }: ComparisonPlace,
  left: ItemAt,
  right: ItemAt,
  filter: { type: string | undefined; search: string | undefined },
) {
  if (position === null) return null;
  const neighbor = (policy: ChangedPolicy | null) =>
    policy && {
      name: policy.display_name,
      href: itemCompareHref(
        { ...left, item_id: policy.left_item_id },
        { ...right, item_id: policy.right_item_id },
        filter,
      ),
    };
  return <ChangedNav position={position} total={total} previous={neighbor(previous)} next={neighbor(next)} />;
}
