import type { ReactNode } from "react";
import { Link } from "#components/navigation/link";
import { durationText } from "#components/time/format.ts";
import { AbsoluteTime } from "#components/time/instant";
import type { Tone } from "#components/ui/badge";
import type { RunDetails } from "#lib/runs/schema";
import { Elapsed } from "../elapsed.tsx";
import { runState, runStateLabels, runTones, runTriggerLabels } from "../run-state.ts";
import classes from "./run-timeline.module.css";

interface Moment {
  key: string;
  label: ReactNode;
  /** ISO 8601 instant; none for what is still under way. */
  at?: string;
  note?: ReactNode;
  tone: Tone;
}

/** What happened to a run, in order: due, queued, started, each further attempt, ended, its backup set. */
export function RunTimeline({ run }: { run: RunDetails }) {
  const moments = momentsOf(run);
  return (
    <ol className={classes.root}>
      {moments.map((moment, index) => {
        const before = moments[index - 1]?.at;
        const after = moment.at && before ? Date.parse(moment.at) - Date.parse(before) : 0;
        return (
          <li key={moment.key} className={classes.moment} data-tone={moment.tone}>
            <div className={classes.head}>
              <span className={classes.label}>{moment.label}</span>
              {moment.at ? (
                <span className={classes.time}>
                  <AbsoluteTime at={moment.at} />
                </span>
              ) : null}
            </div>
            {moment.note ? <div className={classes.note}>{moment.note}</div> : null}
            {after > 0 ? <div className={classes.note}>{durationText(after)} later</div> : null}
          </li>
        );
      })}
    </ol>
  );
}

function momentsOf(run: RunDetails): Moment[] {
  const moments: Moment[] = [];
  const who = run.requested_by_name;
  if (run.trigger === "schedule") {
    moments.push({ key: "due", label: "Due", at: run.scheduled_for, tone: "neutral" });
    if (run.status !== "skipped") {
      moments.push({ key: "queued", label: "Queued", at: run.created_at, tone: "neutral" });
    }
  } else {
    const how = run.trigger === "manual" ? "Run now" : runTriggerLabels[run.trigger];
    moments.push({
      key: "asked",
      label: who ? `${how}, by ${who}` : how,
      at: run.created_at,
      note: "Queued at once",
      tone: "neutral",
    });
  }
  if (run.started_at) {
    moments.push({ key: "started", label: "Started", at: run.started_at, tone: "neutral" });
  }
  moments.push(...attemptsOf(run));
  if (run.cancel_requested_at && run.started_at) {
    moments.push({ key: "cancel", label: "Cancel asked for", at: run.cancel_requested_at, tone: "warning" });
  }
  moments.sort((a, b) => Date.parse(a.at ?? "") - Date.parse(b.at ?? ""));
  moments.push(endOf(run));
  if (run.backup_set_id) {
    const href = `/tenants/${run.tenant_id}/backup-sets/${run.backup_set_id}`;
    moments.push({
      key: "set",
      label: (
        <Link className="tp-link" href={href}>
          Backup set {run.backup_set_id}
        </Link>
      ),
      note: "Written with the run's end",
      tone: "success",
    });
  }
  return moments;
}

/** Attempts beside a single one that went through: why each ended, and when the next began. */
function attemptsOf(run: RunDetails): Moment[] {
  return run.attempts.flatMap((attempt, index): Moment[] => {
    const last = index === run.attempts.length - 1;
    const began: Moment[] =
      index === 0
        ? []
        : [
            {
              key: `began-${attempt.number}`,
              label: `Attempt ${attempt.number}`,
              at: attempt.began_at,
              tone: "neutral",
            },
          ];
    // Of a lost worker only the beginning of the next attempt is known.
    const endedAt = attempt.ended_at ?? run.attempts[index + 1]?.began_at;
    const ended: Moment = {
      key: `ended-${attempt.number}`,
      label: `Attempt ${attempt.number} ended`,
      ...(endedAt ? { at: endedAt } : {}),
      note: noteOf(attempt),
      tone: "warning",
    };
    if (attempt.ended_at || !last) return [...began, ended];
    return began;
  });
}

function noteOf({ reason, counted }: RunDetails["attempts"][number]): string {
  if (reason === null) return "Its worker was lost; another one took the run up.";
  return counted ? reason : `${reason}. This does not count as an attempt.`;
}

function endOf(run: RunDetails): Moment {
  const state = runState(run);
  if (run.status === "running") {
    return {
      key: "now",
      label: runStateLabels[state],
      note: (
        <>
          for <Elapsed since={run.started_at ?? run.created_at} />
        </>
      ),
      tone: "info",
    };
  }
  return {
    key: "end",
    label: run.status === "skipped" ? "Skipped" : `Ended: ${runStateLabels[state].toLowerCase()}`,
    ...(run.finished_at ? { at: run.finished_at } : {}),
    tone: runTones[run.status],
  };
}
