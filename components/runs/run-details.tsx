import { Stack } from "@mantine/core";
import Link from "next/link";
import type { Role } from "#lib/access/permissions";
import type { RunWithContext, TypeSummary } from "#lib/runs/schema";
import { bytesText } from "../backup-sets/bytes.ts";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { Facts } from "../shell/facts.tsx";
import { Panel } from "../shell/panel.tsx";
import { durationText } from "../time/format.ts";
import { AbsoluteTime, RelativeTime } from "../time/instant.tsx";
import { Elapsed } from "./elapsed.tsx";
import { ErrorHelp } from "./error-help.tsx";
import { RunActions, type RunActionsOfTenant } from "./run-actions.tsx";
import classes from "./run-details.module.css";
import { changesText, changesWords, runState } from "./run-state.ts";
import { RunStatusBadge } from "./run-status-badge.tsx";
import { MissingItems, TypeProgress, TypeResults } from "./type-results.tsx";

export type RunForDetails = RunWithContext & { retried_by_run_ids: number[] };

/** Everything about one run: on its own page, and in the modal over a list. */
export function RunDetails({
  run,
  role,
  actions,
}: {
  run: RunForDetails;
  role: Role;
  actions: RunActionsOfTenant;
}) {
  const base = `/tenants/${run.tenant_id}`;
  const state = runState(run);
  const types: Record<string, TypeSummary> = { ...run.summary.types, ...run.summary.foundations };
  const missing = Object.values(types).some((type) => type.missing.length > 0);
  const duration = run.summary.duration_ms;
  const runLink = (id: number) => (
    <Link className="tp-link" href={`${base}/runs/${id}`}>
      Run {id}
    </Link>
  );
  return (
    <Stack gap="md">
      <div className={classes.head}>
        <div className={classes.sentence}>
          <RunStatusBadge state={state} />
          <span>{sentence(run)}</span>
        </div>
        <RunActions run={run} role={role} actions={actions} />
      </div>

      {run.error_code && run.status !== "success" ? (
        run.status === "failed" || run.status === "partial" ? (
          <ProblemAlert title={run.error_code}>
            <ErrorHelp code={run.error_code} message={run.error_message} />
          </ProblemAlert>
        ) : (
          <div className={classes.reason}>
            <p className={classes.code}>{run.error_code}</p>
            <ErrorHelp code={run.error_code} message={run.summary.reason ?? run.error_message} />
          </div>
        )
      ) : null}

      <Panel>
        <Facts
          of={[
            [
              "Schedule",
              <Link
                key="schedule"
                className="tp-link"
                href={`${base}/backup-schedules/${run.backup_schedule_id}`}
              >
                {run.schedule_name}
              </Link>,
            ],
            ["Started by", startedBy(run)],
            ["Due", <AbsoluteTime key="due" at={run.scheduled_for} />],
            ["Started", run.started_at ? <AbsoluteTime key="started" at={run.started_at} /> : "Not yet"],
            run.finished_at ? ["Finished", <AbsoluteTime key="finished" at={run.finished_at} />] : null,
            run.started_at && !run.finished_at
              ? ["Running for", <Elapsed key="elapsed" since={run.started_at} />]
              : null,
            duration !== undefined && run.started_at ? ["Duration", durationText(duration)] : null,
            ["Attempts", Math.max(run.attempt, run.summary.attempts ?? 0) || "None yet"],
            run.summary.changes
              ? [
                  "Changes since the set before",
                  <span key="changes" title={changesWords(run.summary.changes)}>
                    {changesText(run.summary.changes)}{" "}
                    <span className="tp-dim">({run.summary.changes.unchanged} unchanged)</span>
                  </span>,
                ]
              : null,
            run.summary.bytes
              ? [
                  "Size",
                  <span key="size">
                    {bytesText(run.summary.bytes.logical)}{" "}
                    <span className="tp-dim">({bytesText(run.summary.bytes.stored)} stored)</span>
                  </span>,
                ]
              : null,
            run.summary.missed_occurrences
              ? ["Missed before this one", `${run.summary.missed_occurrences} occurrences`]
              : null,
            [
              "Backup set",
              run.backup_set_id ? (
                <Link key="set" className="tp-link" href={`${base}/backup-sets/${run.backup_set_id}`}>
                  Open backup set {run.backup_set_id}
                </Link>
              ) : run.status === "running" ? (
                "When the run has ended"
              ) : (
                "None"
              ),
            ],
            run.retry_of_run_id ? ["Retry of", runLink(run.retry_of_run_id)] : null,
            run.retried_by_run_ids.length > 0
              ? [
                  "Retried by",
                  <span key="retries" className={classes.retries}>
                    {run.retried_by_run_ids.map((id) => (
                      <span key={id}>{runLink(id)}</span>
                    ))}
                  </span>,
                ]
              : null,
          ]}
        />
      </Panel>

      {run.status === "running" ? (
        <Panel title="Progress" flush>
          {run.progress && Object.keys(run.progress.types).length > 0 ? (
            <TypeProgress progress={run.progress} />
          ) : (
            <p className={classes.waiting}>
              {run.started_at
                ? "Reading the tenant. Counts appear here as they come."
                : "Waiting for a worker to take it up."}
            </p>
          )}
        </Panel>
      ) : null}
      {missing ? (
        <Panel title="What is missing" flush>
          <MissingItems types={types} />
        </Panel>
      ) : null}
      {run.status !== "running" && Object.keys(types).length > 0 ? (
        <Panel title="By policy type" flush>
          <TypeResults types={types} />
        </Panel>
      ) : null}
    </Stack>
  );
}

function startedBy(run: RunForDetails): string {
  const who = run.requested_by_name;
  if (run.trigger === "schedule") return "The schedule";
  if (run.trigger === "retry") return who ? `${who}, with Retry` : "Retry";
  return who ? `${who}, with Run now` : "Run now";
}

function sentence(run: RunForDetails) {
  if (run.status === "running") {
    if (run.cancel_requested_at) return "Cancel was asked for; the run is stopping.";
    return run.started_at ? "Reading the tenant's policies." : "Waiting for a worker.";
  }
  const at = run.finished_at ?? run.created_at;
  const when = <RelativeTime at={at} />;
  const captured = Object.values({ ...run.summary.types, ...run.summary.foundations }).reduce(
    (sum, type) => sum + type.captured,
    0,
  );
  switch (run.status) {
    case "success":
      return (
        <>
          Captured all {captured} items, {when}.
        </>
      );
    case "partial":
      return (
        <>
          Captured {captured} items, and something is missing, {when}.
        </>
      );
    case "failed":
      return <>Made no backup set, {when}.</>;
    case "canceled":
      return <>Canceled {when}; no backup set was made.</>;
    case "skipped":
      return <>Nothing was attempted, {when}.</>;
  }
}
