import { Stack } from "@mantine/core";
import { IconPin, IconSearchOff, IconTrash } from "@tabler/icons-react";
import type { Metadata } from "next";
import { forTenant } from "#app/for-tenant.ts";
import { found, idOf, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { SetHeaderActions } from "#components/backup-sets/header/set-header-actions";
import { ChoosableItems } from "#components/backup-sets/items/choosable-items";
import { ItemList } from "#components/backup-sets/items/item-list";
import { SetMarks } from "#components/backup-sets/set-marks";
import { BinSentence } from "#components/backup-sets/sets-table";
import { VerificationPanel } from "#components/backup-sets/verification/verification";
import { ChangeCounts } from "#components/compare/change-marks";
import { CursorPager } from "#components/data-table/cursor-pager";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { SearchField } from "#components/data-table/search-field";
import { EmptyState } from "#components/feedback/empty-state";
import { hrefOf } from "#components/navigation/href.ts";
import { Link } from "#components/navigation/link";
import { MissingItems } from "#components/runs/details/type-results";
import { RunStatusBadge } from "#components/runs/run-status-badge";
import { AbsoluteTime, RelativeTime } from "#components/time/instant";
import { bytesText } from "#components/ui/bytes.ts";
import { Facts } from "#components/ui/facts";
import { Note } from "#components/ui/note";
import { PageHeader } from "#components/ui/page-header";
import { Panel } from "#components/ui/panel";
import { findType } from "#lib/policies/catalog";
import { listBackupItems } from "#lib/sets/items";
import { getBackupSet } from "#lib/sets/sets";
import { set as setBaseline } from "../../(lists)/drift/actions.ts";
import { baselineChoice } from "../../(lists)/drift/baseline-choice.ts";
import { restoreStart } from "../../restores/restore-start.ts";
import * as setActions from "../actions.ts";

interface Props {
  params: Promise<{ tenantId: string; setId: string }>;
  searchParams: SearchParams;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Backup set ${(await params).setId}` };
}

export default async function SetPage({ params, searchParams }: Props) {
  const { tenantId: tenantIdText, setId } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  const query = await searchParams;
  const [search, policy_type, cursor] = [
    param(query, "search"),
    param(query, "type"),
    param(query, "cursor"),
  ];
  const set_id = idOf(setId);
  const [set, items, start, choice] = await Promise.all([
    found(getBackupSet(actor, tenantId, { set_id })),
    found(
      listBackupItems(actor, tenantId, {
        set_id,
        limit: 100,
        ...(search ? { search } : {}),
        ...(policy_type ? { policy_type } : {}),
        ...(cursor ? { cursor } : {}),
      }),
    ),
    restoreStart(actor, tenant),
    baselineChoice(actor, tenant),
  ]);
  const baseline = choice && { choice, set: forTenant(tenantId, { setBaseline }).setBaseline };
  const path = `/tenants/${tenantId}/backup-sets/${set.id}`;
  const captured = Object.entries(set.types).filter(([, type]) => type.captured > 0);
  const missing = Object.values(set.types).some((type) => type.missing.length > 0);
  const binned = set.deleted_at !== null;
  const empty = (
    <EmptyState
      icon={<IconSearchOff size={22} />}
      title={set.item_count === 0 ? "This set is empty" : "No item matches"}
    >
      {set.item_count === 0
        ? "The tenant had none of the chosen policies when the run read it."
        : "Try other words, or another policy type."}
    </EmptyState>
  );
  return (
    <>
      <PageHeader
        title={`Backup set ${set.id}`}
        back={{
          href: `/tenants/${tenantId}/backup-sets${binned ? "?bin=1" : ""}`,
          label: binned ? "Bin" : "Backup sets",
        }}
        beside={
          <>
            <RunStatusBadge state={set.status} />
            <SetMarks set={set} />
          </>
        }
        actions={
          <SetHeaderActions
            set={set}
            viewer={tenant}
            actions={forTenant(tenantId, setActions)}
            baseline={baseline}
          />
        }
      >
        {set.item_count === 1 ? "1 item" : `${set.item_count} items`}, made{" "}
        <RelativeTime at={set.created_at} />
      </PageHeader>
      <Stack gap="md">
        {binned ? (
          <Note icon={<IconTrash size={18} />} title="This set is in the bin">
            <BinSentence set={set} />
          </Note>
        ) : set.pinned_at ? (
          <Note icon={<IconPin size={18} />} title="This set is pinned">
            Its schedule’s retention never removes it: it stays until somebody unpins it. Pinned{" "}
            <RelativeTime at={set.pinned_at} />.
          </Note>
        ) : null}
        {set.verify_status === "damaged" ? <VerificationPanel set={set} /> : null}
        <Panel>
          <Facts
            of={[
              ["Made", <AbsoluteTime key="made" at={set.created_at} />],
              [
                "Schedule",
                set.schedule_is_deleted ? (
                  `${set.schedule_name} (deleted)`
                ) : (
                  <Link
                    key="schedule"
                    className="tp-link"
                    href={`/tenants/${tenantId}/backup-schedules/${set.backup_schedule_id}`}
                  >
                    {set.schedule_name}
                  </Link>
                ),
              ],
              [
                "Run",
                <Link
                  key="run"
                  className="tp-link"
                  href={`/tenants/${tenantId}/runs/${set.run_id}`}
                  scroll={false}
                >
                  Run {set.run_id}
                </Link>,
              ],
              [
                "Changes since the one before",
                set.changes === null ? (
                  "Not counted"
                ) : set.previous_set_id === null ? (
                  "No set before this one"
                ) : (
                  <ChangeCounts key="changes" changes={set.changes} href={`${path}/compare`} />
                ),
              ],
              [
                "Size",
                <span key="size">
                  {bytesText(set.bytes_logical)}{" "}
                  <span className="tp-dim">({bytesText(set.bytes_stored)} stored)</span>
                </span>,
              ],
            ]}
          />
        </Panel>
        {set.verify_status === "damaged" ? null : (
          <Panel title="Verification">
            <VerificationPanel set={set} />
          </Panel>
        )}
        {missing ? (
          <Panel title="What is missing" flush>
            <MissingItems types={set.types} />
          </Panel>
        ) : null}
        <div>
          <div className={tableClasses.toolbar}>
            <SearchField label="Search items by name" />
            <FilterSelect
              label="Policy type"
              name="type"
              options={[
                { value: "", label: `All types (${set.item_count})` },
                ...captured.map(([key, type]) => ({
                  value: key,
                  label: `${findType(key)?.label ?? key} (${type.captured})`,
                })),
              ]}
            />
          </div>
          {start && !binned ? (
            <ChoosableItems
              key={set.id}
              items={items.items}
              setHref={path}
              setId={set.id}
              total={search || policy_type ? null : set.item_count}
              filter={{ search, policy_type }}
              start={start}
              baseline={baseline}
              empty={empty}
            />
          ) : items.items.length === 0 ? (
            empty
          ) : (
            <ItemList items={items.items} setHref={path} />
          )}
          {items.items.length === 0 ? null : (
            <CursorPager
              words={`${items.items.length} ${items.items.length === 1 ? "item" : "items"} shown`}
              firstHref={cursor ? hrefOf(path, { search, type: policy_type }) : null}
              nextHref={
                items.next_cursor
                  ? hrefOf(path, { search, type: policy_type, cursor: items.next_cursor })
                  : null
              }
            />
          )}
        </div>
      </Stack>
    </>
  );
}
