"use client";

import { Input } from "@mantine/core";
import classes from "./chips.module.css";
import { weekdays } from "./describe.ts";

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
