import { IconPin } from "@tabler/icons-react";
import Link from "next/link";
import type { BackupSetView } from "#lib/backups/schema";
import tableClasses from "../data-table/data-table.module.css";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { RunStatusBadge } from "../runs/run-status-badge.tsx";
import { TimeCell } from "../time/instant.tsx";
import { bytesText } from "./bytes.ts";

/** Backup sets, newest first. */
export function SetsTable({ sets, bare = false }: { sets: readonly BackupSetView[]; bare?: boolean }) {
  const columns: DataColumn<BackupSetView>[] = [
    {
      key: "set",
      label: "Backup set",
      phone: "main",
      cell: (set) => (
        <Link className={tableClasses.strong} href={`/tenants/${set.tenant_id}/backup-sets/${set.id}`}>
          {set.schedule_name}
          <span className="tp-dim"> · set {set.id}</span>
        </Link>
      ),
    },
    {
      key: "status",
      label: "Completeness",
      tight: true,
      cell: (set) => <RunStatusBadge state={set.status} />,
    },
    { key: "made", label: "Made", tight: true, cell: (set) => <TimeCell at={set.created_at} /> },
    { key: "items", label: "Items", align: "end", tight: true, cell: (set) => set.item_count },
    {
      key: "size",
      label: "Size",
      align: "end",
      tight: true,
      cell: (set) => (
        <span title={`${bytesText(set.bytes_stored)} stored`}>{bytesText(set.bytes_logical)}</span>
      ),
    },
    {
      key: "run",
      label: "Run",
      tight: true,
      cell: (set) => (
        <Link
          className="tp-link"
          href={`/tenants/${set.tenant_id}/runs/${set.run_id}`}
          scroll={false}
          prefetch={false}
        >
          Run {set.run_id}
        </Link>
      ),
    },
    {
      key: "pinned",
      label: "Pinned",
      tight: true,
      phone: "hide",
      cell: (set) =>
        set.pinned_at ? (
          <span style={{ display: "inline-flex", alignItems: "center", gap: 4 }}>
            <IconPin size={14} aria-hidden /> Pinned
          </span>
        ) : null,
    },
  ];
  const anyPinned = sets.some((set) => set.pinned_at);
  return (
    <DataTable
      label="Backup sets"
      columns={anyPinned ? columns : columns.filter((column) => column.key !== "pinned")}
      rows={sets}
      rowKey={(set) => set.id}
      bare={bare}
    />
  );
}
