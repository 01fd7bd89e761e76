"use client";

import { useId } from "react";
import classes from "./chips.module.css";

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
