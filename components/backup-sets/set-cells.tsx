import type { ListedBackupSet } from "#lib/sets/schema";
import { ChangeCounts } from "../compare/change-marks.tsx";
import tableClasses from "../data-table/data-table.module.css";
import type { DataColumn } from "../data-table/data-table.tsx";
import { Link } from "../navigation/link.tsx";
import { RunStatusBadge } from "../runs/run-status-badge.tsx";
import { RelativeTime, TimeCell } from "../time/instant.tsx";
import { bytesText } from "../ui/bytes.ts";
import classes from "./set-cells.module.css";
import { DamagedMark, SetMarks } from "./set-marks.tsx";

type Column = DataColumn<ListedBackupSet>;

/** The columns that sets in the list and in the bin share. */
export const setColumns = {
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
