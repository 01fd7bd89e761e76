"use client";

import { Input } from "@mantine/core";
import { useId } from "react";
import { weekdays } from "../describe.ts";
import classes from "./recurrence-fields.module.css";

const frequencies = [
  { value: "daily", label: "Daily" },
  { value: "weekly", label: "Weekly" },
] as const;

/** Chooses between daily and weekly. */
export function FrequencyChoice({
  value,
  onChange,
}: {
  value: "daily" | "weekly";
  onChange: (frequency: "daily" | "weekly") => void;
}) {
  const name = useId();
  return (
    <fieldset className={classes.root}>
      <legend>Frequency</legend>
      <div className={classes.chips}>
        {frequencies.map((frequency) => (
          <label key={frequency.value} className={classes.chip}>
            <input
              type="radio"
              name={name}
              checked={value === frequency.value}
              onChange={() => onChange(frequency.value)}
            />
            {frequency.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Chooses days of the week as ISO numbers. */
export function WeekdayChips({
  value,
  onChange,
  error,
}: {
  value: readonly number[];
  onChange: (days: number[]) => void;
  error?: string | undefined;
}) {
  return (
    <fieldset className={classes.root} aria-describedby={error ? "weekdays-error" : undefined}>
      <legend>Days</legend>
      <div className={classes.chips}>
        {weekdays.map(({ day, short, name }) => (
          <label key={day} className={classes.chip}>
            <input
              type="checkbox"
              aria-label={name}
              checked={value.includes(day)}
              onChange={(event) =>
                onChange(
                  event.currentTarget.checked
                    ? [...value, day].sort((a, b) => a - b)
                    : value.filter((other) => other !== day),
                )
              }
            />
            {short}
          </label>
        ))}
      </div>
      {error ? (
        <Input.Error id="weekdays-error" mt={6}>
          {error}
        </Input.Error>
      ) : null}
    </fieldset>
  );
}
