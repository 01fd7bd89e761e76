import Link from "next/link";
import type { AuditEntryView } from "#lib/audit/list";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { TimeCell } from "../time/instant.tsx";
import classes from "./audit-table.module.css";
import { actionWords } from "./words.ts";

/** The audit log, newest first: when, who, what, and the details. */
export function AuditTable({ entries, tenantId }: { entries: readonly AuditEntryView[]; tenantId: number }) {
  const columns: DataColumn<AuditEntryView>[] = [
    {
      key: "what",
      label: "What",
      phone: "main",
      cell: (entry) => (
        <div>
          <span>
            <strong className={classes.actor}>{entry.actor_name}</strong>
            {entry.actor_kind === "user" ? null : (
              <span className={classes.kind}>{entry.actor_kind === "token" ? "API token" : "service"}</span>
            )}{" "}
            {actionWords(entry.action)} <Target entry={entry} tenantId={tenantId} />
          </span>
          {Object.keys(entry.details).length > 0 ? (
            <details className={classes.details}>
              <summary>Details</summary>
              <dl className={classes.list}>
                {Object.entries(entry.details).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{valueText(value)}</dd>
                  </div>
                ))}
              </dl>
            </details>
          ) : null}
        </div>
      ),
    },
    {
      key: "action",
      label: "Action",
      tight: true,
      phone: "hide",
      cell: (entry) => <code className="tp-mono tp-dim">{entry.action}</code>,
    },
    { key: "when", label: "When", tight: true, cell: (entry) => <TimeCell at={entry.at} /> },
  ];
  return <DataTable label="Audit log" columns={columns} rows={entries} rowKey={(entry) => entry.id} />;
}

const targetPaths: Record<string, string> = { schedule: "backup-schedules", run: "runs", set: "backup-sets" };

function Target({ entry, tenantId }: { entry: AuditEntryView; tenantId: number }) {
  const name = entry.details.name ?? entry.details.schedule_name;
  const text =
    typeof name === "string" ? `“${name}”` : entry.target_id === null ? null : `#${entry.target_id}`;
  if (text === null) return null;
  const path = entry.target_kind ? targetPaths[entry.target_kind] : undefined;
  if (!path || entry.target_id === null || entry.action === "schedule.deleted") return text;
  return (
    <Link
      className="tp-link"
      href={`/tenants/${tenantId}/${path}/${entry.target_id}`}
      scroll={false}
      prefetch={false}
    >
      {text}
    </Link>
  );
}

/** `30 → 60` for a change, else the value as short text. */
function valueText(value: unknown): string {
  if (typeof value === "object" && value !== null && "from" in value && "to" in value) {
    return `${valueText(value.from)} → ${valueText(value.to)}`;
  }
  if (value === null || value === undefined) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
