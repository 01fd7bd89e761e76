"use client";

import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { type Control, useWatch } from "react-hook-form";
import type { Action } from "#components/feedback/action-result.ts";
import { AbsoluteTime } from "#components/time/instant";
import { retentionFieldNames } from "#lib/retention/rules";
import type { Schedule, ScheduleCreate, ScheduleCreateInput } from "#lib/schedules/schema";
import { binDays } from "#lib/sets/schema";
import {
  type RetentionEffect,
  type RetentionRulesInput,
  rulesOf,
  sameRules,
  setsWords,
} from "./retention-effect.ts";
import classes from "./retention-impact.module.css";

const waitMs = 300;
const watched = [...retentionFieldNames, "timezone"] as const;

/** What saving the rules in the form would do to the schedule's backup sets, as one changes them. */
export function RetentionImpact({
  control,
  schedule,
  preview,
}: {
  control: Control<ScheduleCreateInput, unknown, ScheduleCreate>;
  schedule: Schedule;
  preview: Action<RetentionRulesInput, RetentionEffect>;
}) {
  const values = useWatch({ control, name: watched });
  const rules = rulesOf(Object.fromEntries(watched.map((name, index) => [name, values[index]])));
  const wanted = rules && !sameRules(rules, schedule) ? JSON.stringify(rules) : null;
  const [settled] = useDebouncedValue(wanted, waitMs);
  const [answer, setAnswer] = useState<{ rules: string; effect: RetentionEffect | null } | null>(null);
  useEffect(() => {
    if (settled === null) return;
    let overtaken = false;
    preview(JSON.parse(settled) as RetentionRulesInput)
      .then((result) => (result.ok ? result.data : null))
      .catch(() => null)
      .then((effect) => {
        if (!overtaken) setAnswer({ rules: settled, effect });
      });
    return () => {
      overtaken = true;
    };
  }, [settled, preview]);
  const shown = wanted === null ? null : answer;
  return (
    <div role="status" aria-busy={shown !== null && shown.rules !== wanted}>
      {shown ? (
        <div
          className={classes.impact}
          data-tone={shown.effect?.removed ? "warning" : undefined}
          data-stale={shown.rules !== wanted || undefined}
        >
          {shown.effect === null ? (
            "What saving would remove could not be found out. Saving asks again."
          ) : shown.effect.removed > 0 ? (
            <RemovedSets effect={shown.effect} zone={schedule.timezone} />
          ) : (
            `Saving removes no backup set: ${
              shown.effect.kept === 0
                ? "there is none yet."
                : `${shown.effect.kept === 1 ? "the one there is stays" : `all ${setsWords(shown.effect.kept)} stay`}.`
            }`
          )}
        </div>
      ) : null}
    </div>
  );
}

const reasons = { pinned: "it is pinned", last_success: "it is the newest complete one" } as const;

/** Which backup sets other rules remove, by name, and which they spare all the same. */
export function RemovedSets({ effect, zone }: { effect: RetentionEffect; zone: string }) {
  const unnamed = effect.removed - effect.removed_first.length;
  return (
    <div className={classes.removed}>
      <p>
        <strong>Saving removes {setsWords(effect.removed)}</strong>
        {effect.removed === 1 ? "; it goes" : "; they go"} to the bin and can be taken out for {binDays} days:
      </p>
      <ul>
        {effect.removed_first.map((set) => (
          <li key={set.id}>
            set {set.id} of <AbsoluteTime at={set.created_at} zone={zone} />
          </li>
        ))}
        {unnamed > 0 ? <li>and {unnamed.toLocaleString("en-GB")} older</li> : null}
      </ul>
      {effect.spared_first.map((set) => (
        <p key={set.id}>
          Set {set.id} of <AbsoluteTime at={set.created_at} zone={zone} /> stays: {reasons[set.why]}.
        </p>
      ))}
    </div>
  );
}
