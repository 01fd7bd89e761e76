import type { Restore } from "#lib/restore/schema";
import tableClasses from "../data-table/data-table.module.css";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { Link } from "../navigation/link.tsx";
import { TimeCell } from "../time/instant.tsx";
import { RestoreStatusBadge } from "./restore-badges.tsx";
import { hasBegun, policiesText, progressOf } from "./restore-words.ts";

/** A tenant's restores and plans, newest first. A row opens the plan. */
export function RestoresTable({ restores }: { restores: readonly Restore[] }) {
  return <DataTable label="Restores" columns={columns} rows={restores} rowKey={(restore) => restore.id} />;
}

const columns: DataColumn<Restore>[] = [
  {
    key: "restore",
    label: "Restore",
    phone: "main",
    cell: (restore) => (
      <Link className={tableClasses.strong} href={`/tenants/${restore.tenant_id}/restores/${restore.id}`}>
        Restore {restore.id}
        <span className={tableClasses.below}>{sourceOf(restore)}</span>
      </Link>
    ),
  },
  {
    key: "status",
    label: "Status",
    tight: true,
    cell: ({ status }) => <RestoreStatusBadge status={status} />,
  },
  { key: "policies", label: "Policies", tight: true, cell: policiesCell },
  { key: "reason", label: "Reason", cell: ({ reason }) => reason },
  {
    key: "by",
    label: "Planned by",
    tight: true,
    phone: "hide",
    cell: ({ created_by }) => created_by.name,
  },
  {
    key: "when",
    label: "When",
    tight: true,
    cell: (restore) => <TimeCell at={restore.ended_at ?? restore.created_at} />,
  },
];

function sourceOf({ undo_of, source, tenant_id }: Restore): string {
  if (undo_of !== null) return `takes restore ${undo_of} back`;
  return source.tenant_id === tenant_id
    ? `from set ${source.set_id}`
    : `from set ${source.set_id} of ${source.tenant_name}`;
}

function policiesCell(restore: Restore): string {
  if (!hasBegun(restore)) return policiesText(restore.items);
  const { ended, total } = progressOf(restore);
  return `${ended} of ${total} written`;
}
