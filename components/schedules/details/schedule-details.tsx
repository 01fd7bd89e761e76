import { ProblemAlert } from "#components/feedback/problem-alert";
import { Link } from "#components/navigation/link";
import { TimeCell } from "#components/time/instant";
import { Facts } from "#components/ui/facts";
import { Panel } from "#components/ui/panel";
import { counted } from "#lib/counted";
import { catalog } from "#lib/policies/catalog";
import type { Schedule } from "#lib/schedules/schema";
import { Recurrence } from "../recurrence.tsx";
import classes from "./schedule-details.module.css";
import { keptText, noNextRunText, pausesText } from "./schedule-words.ts";

/** Everything that a schedule says, to read. @param isArchived whether its tenant is */
export function ScheduleDetails({ schedule, isArchived }: { schedule: Schedule; isArchived: boolean }) {
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
                noNextRunText(isArchived)
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
            ["Pauses", pausesText(schedule)],
            ["Foundations", schedule.include_foundations ? "Included" : "Not included"],
            ["Finding nothing", schedule.may_be_empty ? "Is as it should be" : "Is marked in its runs"],
          ]}
        />
        <details className={classes.types}>
          <summary>{counted(schedule.policy_types.length, "policy type")}</summary>
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
