import type { Role } from "#lib/access/permissions";
import { can } from "#lib/access/permissions";
import type { ListedBackupSet } from "#lib/sets/schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { AbsoluteTime, RelativeTime, TimeCell } from "../time/instant.tsx";
import type { SetActions } from "./actions.ts";
import { RestoreButton } from "./restore-button.tsx";
import classes from "./set-cells.module.css";
import { setColumns } from "./set-cells.tsx";

/** Backup sets in the bin: who moved them there, until when they can be restored, and the button for it. */
export function BinTable({
  sets,
  role,
  actions,
}: {
  sets: readonly ListedBackupSet[];
  role: Role;
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
  if (can(role, "set:remove")) {
    columns.push({
      key: "restore",
      label: "Restore",
      tight: true,
      cell: (each) => <RestoreButton set={each} restore={actions.restore} />,
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

/** Why a set is in the bin, and until when it can be restored. */
export function BinSentence({ set }: { set: ListedBackupSet }) {
  if (!set.deleted_at || !set.purge_after) return null;
  return (
    <>
      Moved there <RelativeTime at={set.deleted_at} /> by {removerOf(set)}. It can be restored until{" "}
      <AbsoluteTime at={set.purge_after} />, and is purged for good then.
    </>
  );
}
