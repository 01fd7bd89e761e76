import { canIn, type Standing } from "#lib/access/permissions";
import type { ListedBackupSet } from "#lib/sets/schema";
import { ChangeCounts } from "../compare/change-marks.tsx";
import tableClasses from "../data-table/data-table.module.css";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { Link } from "../navigation/link.tsx";
import { RunStatusBadge } from "../runs/run-status-badge.tsx";
import { AbsoluteTime, RelativeTime, TimeCell } from "../time/instant.tsx";
import { bytesText } from "../ui/bytes.ts";
import type { SetActions } from "./actions.ts";
import { DamagedMark, SetMarks } from "./set-marks.tsx";
import classes from "./sets-table.module.css";
import { UnbinButton } from "./unbin-button.tsx";

/** Backup sets that are kept, newest first. */
export function SetsTable({ sets }: { sets: readonly ListedBackupSet[] }) {
  const { set, schedule, made, items, changes, size, verified } = setColumns;
  return (
    <DataTable
      label="Backup sets"
      columns={[set, schedule, made, items, changes, size, verified]}
      rows={sets}
      rowKey={(each) => each.id}
    />
  );
}

/** Backup sets in the bin: who moved them there, until when they can be taken out, and the button for it. */
export function BinTable({
  sets,
  viewer,
  actions,
}: {
  sets: readonly ListedBackupSet[];
  viewer: Standing;
  actions: Pick<SetActions, "restore">;
}) {
  const { set, schedule, made, items, size } = setColumns;
  const columns: DataColumn<ListedBackupSet>[] = [
    set,
    schedule,
    made,
    items,
    size,
    {
      key: "removed",
      label: "Removed",
      cell: (each) => (
        <span className={classes.stack}>
          <span>{each.deleted_at ? <RelativeTime at={each.deleted_at} /> : null}</span>
          <span className={classes.below}>by {removerOf(each)}</span>
        </span>
      ),
    },
    {
      key: "purge",
      label: "Purged for good",
      tight: true,
      cell: (each) => (each.purge_after ? <TimeCell at={each.purge_after} /> : null),
    },
  ];
  if (canIn(viewer, "set:remove")) {
    columns.push({
      key: "restore",
      label: "Take out",
      tight: true,
      cell: (each) => <UnbinButton set={each} restore={actions.restore} />,
    });
  }
  return (
    <DataTable label="Backup sets in the bin" columns={columns} rows={sets} rowKey={(each) => each.id} />
  );
}

/** Who or what moved a set to the bin, in words. */
function removerOf(set: Pick<ListedBackupSet, "removed_by">): string {
  if (!set.removed_by) return "someone";
  if (set.removed_by.kind === "system") return "retention";
  return set.removed_by.kind === "token" ? `token “${set.removed_by.name}”` : set.removed_by.name;
}

/** Why a set is in the bin, and until when it can be taken out. */
export function BinSentence({ set }: { set: ListedBackupSet }) {
  if (!set.deleted_at) return null;
  return (
    <>
      Moved there <RelativeTime at={set.deleted_at} /> by {removerOf(set)}.{" "}
      {set.purge_after ? (
        <>
          It can be taken out until <AbsoluteTime at={set.purge_after} />, and is purged for good then.
        </>
      ) : (
        "Nothing is purged while the tenant is archived."
      )}
    </>
  );
}

type Column = DataColumn<ListedBackupSet>;

/** The columns that sets in the list and in the bin share. */
const setColumns = {
  set: {
    key: "set",
    label: "Backup set",
    phone: "main",
    cell: (set) => (
      <span className={classes.name}>
        <Link className={tableClasses.strong} href={setHref(set)}>
          Set {set.id}
        </Link>
        {set.status === "partial" ? <RunStatusBadge state="partial" /> : null}
        <SetMarks set={{ ...set, deleted_at: null }} withDamage={set.deleted_at !== null} />
      </span>
    ),
  },
  schedule: {
    key: "schedule",
    label: "Schedule",
    cell: (set) => (
      <span className={classes.schedule}>
        {set.schedule_name}
        {set.schedule_is_deleted ? <span className="tp-dim"> (deleted)</span> : null}
      </span>
    ),
  },
  made: { key: "made", label: "Made", tight: true, cell: (set) => <TimeCell at={set.created_at} /> },
  items: {
    key: "items",
    label: "Items",
    align: "end",
    tight: true,
    phone: "hide",
    cell: (set) => set.item_count,
  },
  changes: {
    key: "changes",
    label: "Changes",
    tight: true,
    cell: (set) => <SetChangesCell set={set} />,
  },
  size: {
    key: "size",
    label: "Size",
    align: "end",
    tight: true,
    phone: "hide",
    cell: (set) => (
      <span className={classes.stack}>
        <span>{bytesText(set.bytes_logical)}</span>
        <span className={classes.below}>{bytesText(set.bytes_stored)} stored</span>
      </span>
    ),
  },
  verified: {
    key: "verified",
    label: "Verified",
    tight: true,
    cell: (set) => <Verified set={set} />,
  },
} as const satisfies Record<string, Column>;

/** Where a set's page is. */
function setHref(set: { tenant_id: number; id: number }): string {
  return `/tenants/${set.tenant_id}/backup-sets/${set.id}`;
}

/** When a set was verified, or that it never was; loud when it is damaged. */
function Verified({ set }: { set: Pick<ListedBackupSet, "verified_at" | "verify_status"> }) {
  if (!set.verified_at) return <span className="tp-dim">Never</span>;
  if (set.verify_status === "damaged") return <DamagedMark />;
  return <RelativeTime at={set.verified_at} />;
}

/** What a set changes against the one before it, as a link to the comparison where there is something to compare. */
function SetChangesCell({ set }: { set: ListedBackupSet }) {
  if (set.changes === null) return <span className="tp-dim">Not counted</span>;
  if (set.previous_set_id !== null) {
    return <ChangeCounts changes={set.changes} href={`${setHref(set)}/compare`} />;
  }
  const isFirst = set.changes.added === set.item_count && set.changes.removed === 0;
  return isFirst ? <span className="tp-dim">First set</span> : <ChangeCounts changes={set.changes} />;
}
