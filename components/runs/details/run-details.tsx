import { Stack } from "@mantine/core";
import { ChangeCounts } from "#components/compare/change-marks";
import { Link } from "#components/navigation/link";
import { durationText } from "#components/time/format.ts";
import { AbsoluteTime, RelativeTime } from "#components/time/instant";
import type { Tone } from "#components/ui/badge";
import { bytesText } from "#components/ui/bytes.ts";
import { Facts } from "#components/ui/facts";
import { Panel } from "#components/ui/panel";
import type { Standing } from "#lib/access/permissions";
import type { TypeSummary } from "#lib/capture/summary";
import type { RunDetails as Run, RunStatus } from "#lib/runs/schema";
import { Elapsed } from "../elapsed.tsx";
import { runState, runTones } from "../run-state.ts";
import { RunStateSaid } from "../run-state-said.tsx";
import { RunStatusBadge } from "../run-status-badge.tsx";
import { RunActions, type RunActionsOfTenant } from "./run-actions.tsx";
import classes from "./run-details.module.css";
import { errorGroups, RunErrorHelp } from "./run-error-help.tsx";
import { runStory } from "./run-story.ts";
import { RunTimeline } from "./run-timeline.tsx";
import { MissingItems, TypeProgress, TypeResults } from "./type-results.tsx";

/** Everything about one run: on its own page, and in the modal over a list. */
export function RunDetails({
  run,
  viewer,
  actions,
}: {
  run: Run;
  viewer: Standing;
  actions: RunActionsOfTenant;
}) {
  const types: Record<string, TypeSummary> = { ...run.summary.types, ...run.summary.foundations };
  const errors = run.status === "success" ? [] : errorGroups(run);
  const [outcome, ...rest] = runStory(run);
  const at = run.finished_at ?? run.started_at ?? run.created_at;
  return (
    <Stack gap="md" className={classes.root}>
      <div className={classes.head}>
        <div className={classes.story}>
          <RunStateSaid run={run} />
          <p className={classes.outcome}>
            <RunStatusBadge state={runState(run)} />
            <span>{outcome}</span>
            <span className={classes.when}>
              <RelativeTime at={at} />
            </span>
          </p>
          {rest.length > 0 ? <p className={classes.rest}>{rest.join(" ")}</p> : null}
        </div>
        <RunActions run={run} viewer={viewer} actions={actions} />
      </div>

      {errors.length > 0 ? <RunErrorHelp groups={errors} tone={errorTone(run.status)} /> : null}

      <div className={classes.columns}>
        <Panel title="The run">
          <RunFacts run={run} />
        </Panel>
        <Panel title="Timeline">
          <RunTimeline run={run} />
        </Panel>
      </div>

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
      {Object.values(types).some((type) => type.missing.length > 0) ? (
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

function RunFacts({ run }: { run: Run }) {
  const base = `/tenants/${run.tenant_id}`;
  const duration = run.summary.duration_ms;
  const runLink = (id: number) => (
    <Link key={id} className="tp-link" href={`${base}/runs/${id}`}>
      Run {id}
    </Link>
  );
  return (
    <Facts
      of={[
        [
          "Schedule",
          <Link
            key="schedule"
            className="tp-link"
            href={
              run.schedule_is_deleted
                ? `${base}/runs?schedule=${run.backup_schedule_id}`
                : `${base}/backup-schedules/${run.backup_schedule_id}`
            }
          >
            {run.schedule_name}
            {run.schedule_is_deleted && run.trigger !== "restore" ? " (deleted)" : ""}
          </Link>,
        ],
        ["Started by", startedBy(run)],
        run.trigger === "schedule" ? ["Due", <AbsoluteTime key="due" at={run.scheduled_for} />] : null,
        run.started_at && !run.finished_at
          ? ["Running for", <Elapsed key="elapsed" since={run.started_at} />]
          : null,
        duration !== undefined && run.started_at ? ["Duration", durationText(duration)] : null,
        ["Attempts", attemptsText(run)],
        run.requested ? ["Asked for", requestText(run.requested)] : null,
        run.summary.changes
          ? [
              "Changes",
              <ChangeCounts
                key="changes"
                changes={run.summary.changes}
                {...(run.backup_set_id ? { href: `${base}/backup-sets/${run.backup_set_id}/compare` } : {})}
              />,
            ]
          : null,
        run.summary.bytes
          ? [
              "Size",
              <span key="size">
                {bytesText(run.summary.bytes.logical)}{" "}
                <span className="tp-dim">({bytesText(run.summary.bytes.stored)} compressed)</span>
              </span>,
            ]
          : null,
        [
          "Backup set",
          run.backup_set_id ? (
            <Link key="set" className="tp-link" href={`${base}/backup-sets/${run.backup_set_id}`}>
              Open backup set {run.backup_set_id}
            </Link>
          ) : run.status === "running" ? (
            "When the run has ended"
          ) : run.status === "success" || run.status === "partial" ? (
            "Removed by retention"
          ) : (
            "None"
          ),
        ],
        run.retry_of_run_id ? ["Retry of", runLink(run.retry_of_run_id)] : null,
        run.retried_by_run_ids.length > 0
          ? [
              "Retried by",
              <span key="retries" className={classes.retries}>
                {run.retried_by_run_ids.map(runLink)}
              </span>,
            ]
          : null,
      ]}
    />
  );
}

/** Those that count; the timeline shows the others. */
function attemptsText({ summary, attempts, attempt }: Run): string | number {
  const counted = summary.attempts ?? attempt - attempts.filter((each) => !each.counted).length;
  return counted || "None yet";
}

function requestText({ policy_types, include_foundations }: NonNullable<Run["requested"]>): string {
  const types = `${policy_types.length} policy ${policy_types.length === 1 ? "type" : "types"}`;
  return include_foundations ? `${types} and foundations` : types;
}

function startedBy(run: Run): string {
  const who = run.requested_by_name;
  if (run.trigger === "schedule") return "The schedule";
  if (run.trigger === "restore") return who ? `${who}, with a restore` : "A restore";
  if (run.trigger === "retry") return who ? `${who}, with Retry` : "Retry";
  return who ? `${who}, with Run now` : "Run now";
}

/** The errors of a run that has not ended say nothing of its outcome yet. */
function errorTone(status: RunStatus): Tone {
  return status === "running" ? "neutral" : runTones[status];
}
