import { IconListDetails, IconSearchOff } from "@tabler/icons-react";
import { type AuditGroup, actionWords, auditGroups } from "#lib/audit/actions";
import type { AuditActor } from "#lib/audit/actors";
import type { AuditEntryView } from "#lib/audit/schema";
import { ClearFilters } from "../data-table/clear-filters.tsx";
import { CursorPager } from "../data-table/cursor-pager.tsx";
import tableClasses from "../data-table/data-table.module.css";
import { FilterSelect } from "../data-table/filter-select.tsx";
import { SearchField } from "../data-table/search-field.tsx";
import type { TimeRange } from "../data-table/time-range.ts";
import { TimeRangeFilter } from "../data-table/time-range-filter.tsx";
import { EmptyState } from "../feedback/empty-state.tsx";
import { ButtonLink } from "../navigation/button-link.tsx";
import { hrefOf } from "../navigation/href.ts";
import { ActorFilter } from "./actor-filter.tsx";
import { AuditTable, type LogOwner, logPath } from "./audit-table.tsx";

/** Groups of actions in the platform's log, with the words for them there. */
const platformGroups: Partial<Record<AuditGroup, string>> = {
  tenant: "Tenants",
  member: "People",
  access: auditGroups.access,
  audit: "This log: retention",
};

/** A page of an audit log with its filters. */
export function AuditLog({
  owner,
  entries,
  nextCursor,
  filters,
  cursor,
  range,
  members = [],
  tokens = [],
}: {
  owner: LogOwner;
  entries: readonly AuditEntryView[];
  nextCursor: string | null;
  /** As they stand in the address. */
  filters: Record<string, string | undefined>;
  /** Where this page begins; undefined for the first one. */
  cursor: string | undefined;
  range: TimeRange;
  /** Who can be asked for by name. */
  members?: readonly AuditActor[];
  tokens?: readonly AuditActor[];
}) {
  const path = logPath(owner);
  const { action, actor } = filters;
  const filtered = Object.values(filters).some((value) => value !== undefined);
  const nameOfChosen = entries.find((entry) => `${entry.actor_kind}:${entry.actor_id}` === actor)?.actor_name;
  return (
    <>
      <div className={tableClasses.toolbar}>
        <SearchField label="Search by name or number" />
        <FilterSelect
          label="Action"
          name="action"
          options={actionOptions(owner === "platform" ? platformGroups : auditGroups, action)}
        />
        <ActorFilter
          members={members}
          tokens={tokens}
          chosen={actor ? { value: actor, name: nameOfChosen ?? actor } : null}
        />
        <TimeRangeFilter range={range} />
        {filtered ? <ClearFilters href={path} /> : null}
      </div>
      {range.words ? <p className={tableClasses.meant}>{range.problem ?? `Entries ${range.words}`}</p> : null}
      {entries.length === 0 ? (
        filtered ? (
          <EmptyState
            icon={<IconSearchOff size={22} />}
            title="No entry matches"
            action={
              <ButtonLink href={path} variant="default">
                Show all entries
              </ButtonLink>
            }
          >
            Try fewer filters.
          </EmptyState>
        ) : (
          <EmptyState icon={<IconListDetails size={22} />} title="No entries">
            {owner === "platform"
              ? "What is done to tenants and accounts is written here."
              : "What is done in this tenant is written here."}
          </EmptyState>
        )
      ) : (
        <>
          <AuditTable entries={entries} owner={owner} />
          <CursorPager
            words={`${entries.length} ${entries.length === 1 ? "entry" : "entries"}, newest first`}
            firstHref={cursor ? hrefOf(path, filters) : null}
            nextHref={nextCursor ? hrefOf(path, { ...filters, cursor: nextCursor }) : null}
          />
        </>
      )}
    </>
  );
}

/** The groups, and the single action that an address asks for. */
function actionOptions(groups: Partial<Record<AuditGroup, string>>, action: string | undefined) {
  const options = [
    { value: "", label: "All actions" },
    ...Object.entries(groups).map(([value, label]) => ({ value, label })),
  ];
  if (!action || options.some(({ value }) => value === action)) return options;
  return [...options, { value: action, label: actionWords(action) }];
}
