import { Stack } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import type { Metadata } from "next";
import Link from "next/link";
import { ItemList } from "#components/backup-sets/item-list";
import { CursorPager } from "#components/data-table/cursor-pager";
import { FilterSelect } from "#components/data-table/filter-select";
import { SearchField } from "#components/data-table/search-field";
import { EmptyState } from "#components/feedback/empty-state";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { RunStatusBadge } from "#components/runs/run-status-badge";
import { MissingItems } from "#components/runs/type-results";
import { Facts } from "#components/shell/facts";
import { PageHeader } from "#components/shell/page-header";
import { Panel } from "#components/shell/panel";
import { AbsoluteTime, RelativeTime } from "#components/time/instant";
import { listBackupItems } from "#lib/backups/items";
import { getBackupSet } from "#lib/backups/sets";
import { findType } from "#lib/policies/catalog";
import { bytesText } from "../../../../../components/backup-sets/bytes.ts";
import tableClasses from "../../../../../components/data-table/data-table.module.css";
import { hrefOf } from "../../../../../components/data-table/href.ts";
import { found, idOf, openTenant, param, type SearchParams } from "../../../../page-data.ts";

interface Props {
  params: Promise<{ tenantId: string; setId: string }>;
  searchParams: SearchParams;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Backup set ${(await params).setId}` };
}

export default async function SetPage({ params, searchParams }: Props) {
  const { tenantId: tenantIdText, setId } = await params;
  const { actor, tenantId } = await openTenant(tenantIdText);
  const query = await searchParams;
  const [search, policy_type, cursor] = [
    param(query, "search"),
    param(query, "type"),
    param(query, "cursor"),
  ];
  const set_id = idOf(setId);
  const [set, items] = await Promise.all([
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
  ]);
  const path = `/tenants/${tenantId}/backup-sets/${set.id}`;
  const captured = Object.entries(set.types).filter(([, type]) => type.captured > 0);
  const missing = Object.values(set.types).some((type) => type.missing.length > 0);
  return (
    <>
      <PageHeader
        title={`Backup set ${set.id}`}
        back={{ href: `/tenants/${tenantId}/backup-sets`, label: "Backup sets" }}
        beside={<RunStatusBadge state={set.status} />}
      >
        {set.item_count} items of {set.schedule_name}, made <RelativeTime at={set.created_at} />
      </PageHeader>
      <Stack gap="md">
        <Panel>
          <Facts
            of={[
              ["Made", <AbsoluteTime key="made" at={set.created_at} />],
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
                "Size",
                <span key="size">
                  {bytesText(set.bytes_logical)}{" "}
                  <span className="tp-dim">({bytesText(set.bytes_stored)} stored)</span>
                </span>,
              ],
              [
                "Manifest SHA-256",
                <code key="hash" className="tp-mono">
                  {set.manifest_sha256}
                </code>,
              ],
              [
                "Verified",
                set.verified_at ? (
                  <span key="verified">
                    {set.verify_status === "damaged" ? "Damaged" : "Unharmed"},{" "}
                    <RelativeTime at={set.verified_at} />
                  </span>
                ) : (
                  "Not yet"
                ),
              ],
              set.deleted_at ? ["In the bin since", <AbsoluteTime key="bin" at={set.deleted_at} />] : null,
            ]}
          />
        </Panel>
        {set.verify_result?.status === "damaged" ? (
          <ProblemAlert title={`Verification found ${set.verify_result.fault_count} faults`}>
            <ul style={{ margin: 0, paddingLeft: "1.25rem" }}>
              {set.verify_result.faults.slice(0, 20).map((fault) => (
                <li key={`${fault.item_id}-${fault.problem}`}>
                  {fault.display_name ? `${fault.display_name}: ` : ""}
                  {fault.message}
                </li>
              ))}
            </ul>
          </ProblemAlert>
        ) : null}
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
          {items.items.length === 0 ? (
            <EmptyState
              icon={<IconSearchOff size={22} />}
              title={set.item_count === 0 ? "This set is empty" : "No item matches"}
            >
              {set.item_count === 0
                ? "The tenant had none of the chosen policies when the run read it."
                : "Try other words, or another policy type."}
            </EmptyState>
          ) : (
            <>
              <ItemList items={items.items} setHref={path} />
              <CursorPager
                words={`${items.items.length} ${items.items.length === 1 ? "item" : "items"} shown`}
                firstHref={cursor ? hrefOf(path, { search, type: policy_type }) : null}
                nextHref={
                  items.next_cursor
                    ? hrefOf(path, { search, type: policy_type, cursor: items.next_cursor })
                    : null
                }
              />
            </>
          )}
        </div>
      </Stack>
    </>
  );
}
