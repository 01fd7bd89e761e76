import type { BackupSetView } from "#lib/backups/schema";
import type { RunWithContext } from "#lib/runs/schema";
import type { TenantSummary } from "#lib/tenants/list";
import { bytesText } from "../backup-sets/bytes.ts";
import classes from "./figures.module.css";

/** The figures of a tenant's overview. */
export function Figures({
  tenant,
  recent,
  newestSet,
}: {
  tenant: TenantSummary;
  /** The newest runs of the tenant. */
  recent: readonly RunWithContext[];
  newestSet: BackupSetView | null;
}) {
  const attempted = recent.filter(
    (run) => run.status === "success" || run.status === "partial" || run.status === "failed",
  );
  const whole = attempted.filter((run) => run.status === "success").length;
  const changes = recent.reduce(
    (sum, run) =>
      sum +
      (run.summary.changes
        ? run.summary.changes.added + run.summary.changes.changed + run.summary.changes.removed
        : 0),
    0,
  );
  const figures = [
    {
      label: "Success rate",
      value: attempted.length === 0 ? "–" : `${Math.floor((whole / attempted.length) * 100)} %`,
      note:
        attempted.length === 0 ? "no run has ended yet" : `${whole} of the latest ${attempted.length} runs`,
    },
    { label: "Policy changes seen", value: String(changes), note: `in the latest ${recent.length} runs` },
    {
      label: "Newest backup set",
      value: newestSet ? `${newestSet.item_count} items` : "–",
      note: newestSet ? `${bytesText(newestSet.bytes_logical)} of configuration` : "none yet",
    },
    {
      label: "Schedules",
      value: String(tenant.schedules.enabled),
      note:
        tenant.schedules.enabled === tenant.schedules.total
          ? "all enabled"
          : `enabled, of ${tenant.schedules.total}`,
    },
  ];
  return (
    <dl className={classes.root}>
      {figures.map((figure) => (
        <div key={figure.label} className={classes.figure}>
          <dt>{figure.label}</dt>
          <dd className={classes.value}>{figure.value}</dd>
          <dd className={classes.note}>{figure.note}</dd>
        </div>
      ))}
    </dl>
  );
}
