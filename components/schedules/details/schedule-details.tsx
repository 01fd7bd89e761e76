import { ProblemAlert } from "#components/feedback/problem-alert";
import { Link } from "#components/navigation/link";
import { TimeCell } from "#components/time/instant";
import { Facts } from "#components/ui/facts";
import { Panel } from "#components/ui/panel";
import { catalog } from "#lib/policies/catalog";
import { periodFields, retentionRules } from "#lib/retention/rules";
import type { Schedule } from "#lib/schedules/schema";
import { Recurrence } from "../recurrence.tsx";
import classes from "./schedule-details.module.css";

/** Everything that a schedule says, to read. */
export function ScheduleDetails({ schedule }: { schedule: Schedule }) {
  const labels = new Map(catalog.map((type) => [type.key, type]));
  const byCategory = Map.groupBy(
    schedule.policy_types,
    (key) => labels.get(key)?.category ?? "Not known to this version",
  );
  return (
    <>
      {schedule.paused_reason && !schedule.is_enabled ? (
        <ProblemAlert title="Paused">
          {schedule.paused_reason} Fix the cause, then enable it again.
        </ProblemAlert>
      ) : null}
      <Panel>
        <Facts
          of={[
            ["State", schedule.is_enabled ? "Enabled" : "Disabled"],
            [
              "Due",
              <span key="due">
                <Recurrence of={schedule} />, {schedule.timezone}
              </span>,
            ],
            [
              "Next run",
              schedule.next_run_at ? (
                <TimeCell key="next" at={schedule.next_run_at} zone={schedule.timezone} />
              ) : (
                "None while disabled"
              ),
            ],
            schedule.start_window_minutes > 0
              ? ["Start window", `Up to ${schedule.start_window_minutes} min after its time`]
              : null,
            [
              "Keeps",
              <span key="keeps">
                {keptText(schedule)}{" "}
                <Link
                  className={`tp-link ${classes.nowrap}`}
                  href={`/tenants/${schedule.tenant_id}/backup-sets?schedule=${schedule.id}`}
                >
                  Show them
                </Link>
              </span>,
            ],
            [
              "When a run was missed",
              schedule.missed_run_policy === "run_latest" ? "Runs once, as soon as possible" : "Skips it",
            ],
            [
              "Pauses",
              schedule.pause_after_failures === 0
                ? "Never"
                : `After ${schedule.pause_after_failures} failed runs in a row${
                    schedule.failure_streak > 0 ? `; ${schedule.failure_streak} so far` : ""
                  }`,
            ],
            ["Foundations", schedule.include_foundations ? "Included" : "Not included"],
            ["Finding nothing", schedule.may_be_empty ? "Is as it should be" : "Is marked in its runs"],
          ]}
        />
        <details className={classes.types}>
          <summary>
            {schedule.policy_types.length} policy {schedule.policy_types.length === 1 ? "type" : "types"}
          </summary>
          <dl>
            {[...byCategory].map(([category, keys]) => (
              <div key={category}>
                <dt>{category}</dt>
                <dd>{keys.map((key) => labels.get(key)?.label ?? key).join(", ")}</dd>
              </div>
            ))}
          </dl>
        </details>
      </Panel>
    </>
  );
}

/** `The last 30 backup sets, and the newest of each of 7 days and 12 months`. */
function keptText(schedule: Schedule): string {
  const periods = periodFields
    .filter((field) => schedule[field] > 0)
    .map((field) => `${schedule[field]} ${retentionRules[field].unit}`);
  const last = `The last ${schedule.retention_keep_last} backup sets`;
  if (periods.length === 0) return last;
  const rest = periods.length === 1 ? periods[0] : `${periods.slice(0, -1).join(", ")} and ${periods.at(-1)}`;
  return `${last}, and the newest of each of ${rest}`;
}
