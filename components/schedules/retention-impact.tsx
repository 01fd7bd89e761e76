"use client";

import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { type Control, useWatch } from "react-hook-form";
import type { Schedule, ScheduleCreate, ScheduleCreateInput } from "#lib/schedules/schema";
import type { Action } from "../feedback/action-result.ts";
import { RemovedSets } from "./removed-sets.tsx";
import {
  type RetentionEffect,
  type RetentionRulesInput,
  rulesOf,
  sameRules,
  setsWords,
} from "./retention-effect.ts";
import classes from "./retention-impact.module.css";

const waitMs = 300;
const watched = [
  "retention_keep_last",
  "retention_keep_daily",
  "retention_keep_weekly",
  "retention_keep_monthly",
  "retention_keep_yearly",
  "timezone",
] as const;

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
          className={classes.root}
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
