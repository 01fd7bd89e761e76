import type { ListedBackupSet } from "#lib/sets/schema";
import { DataTable } from "../data-table/data-table.tsx";
import { setColumns } from "./set-cells.tsx";

const { set, schedule, made, items, changes, size, verified } = setColumns;

/** Backup sets that are kept, newest first. */
export function SetsTable({ sets }: { sets: readonly ListedBackupSet[] }) {
  return (
    <DataTable
      label="Backup sets"
      columns={[set, schedule, made, items, changes, size, verified]}
      rows={sets}
      rowKey={(each) => each.id}
    />
  );
}
