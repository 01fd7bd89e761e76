import Link from "next/link";
import { runErrorHelp } from "#lib/runs/error-codes";
import type { RunWithContext } from "#lib/runs/schema";
import { Panel } from "../shell/panel.tsx";
import { RelativeTime } from "../time/instant.tsx";
import classes from "./failure-list.module.css";
import { RunStatusBadge } from "./run-status-badge.tsx";

/** The latest failed and incomplete runs, each with what to do about it. */
export function FailureList({ runs, tenantId }: { runs: readonly RunWithContext[]; tenantId: number }) {
  return (
    <Panel
      title="Latest failures"
      flush
      action={
        runs.length > 0 ? (
          <Link className="tp-link" href={`/tenants/${tenantId}/runs?status=failed`}>
            All failed runs
          </Link>
        ) : undefined
      }
    >
      {runs.length === 0 ? (
        <p className={classes.none}>
          No run has failed. Failed and partial runs appear here with what to do about them.
        </p>
      ) : (
        <ul className={classes.list}>
          {runs.map((run) => (
            <li key={run.id} className={classes.entry}>
              <div className={classes.head}>
                <Link
                  className={classes.name}
                  href={`/tenants/${tenantId}/runs/${run.id}`}
                  scroll={false}
                  prefetch={false}
                >
                  {run.schedule_name}
                </Link>
                <RunStatusBadge state={run.status} />
                <span className={classes.when}>
                  <RelativeTime at={run.finished_at ?? run.created_at} />
                </span>
              </div>
              {run.error_code ? (
                <p className={classes.text}>
                  {run.error_message ?? runErrorHelp[run.error_code].meaning}{" "}
                  <span className="tp-dim">{runErrorHelp[run.error_code].remedy}</span>
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
