"use client";

import { NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useViewerZone } from "../time/clock.tsx";
import { dayChange } from "./day-change.ts";
import { dayBounds, type TimeRange, timeRangePresets } from "./time-range.ts";
import { useUrlState } from "./url-state.ts";

/** A time range that lives in the address: counted back from now, or days of the viewer's calendar. */
export function TimeRangeFilter({
  range,
}: {
  range: Pick<TimeRange, "choice" | "fromDay" | "toDay" | "zone">;
}) {
  const { change } = useUrlState();
  const viewer = useViewerZone();
  const choose = (choice: string) => change({ range: choice, from: null, to: null, zone: null });
  return (
    <>
      <NativeSelect
        aria-label="Time"
        value={range.choice}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          { value: "", label: "Any time" },
          ...timeRangePresets.map(({ value, label }) => ({ value, label })),
          { value: "dates", label: "Dates…" },
        ]}
        w={{ base: "calc(50% - 0.25rem)", xs: "auto" }}
      />
      {range.choice === "dates" ? (
        <>
          <DayField
            label="From"
            value={range.fromDay}
            max={range.toDay}
            onChange={(day) => change(dayChange("from", day, range, viewer))}
          />
          <DayField
            label="To"
            value={range.toDay}
            min={range.fromDay}
            onChange={(day) => change(dayChange("to", day, range, viewer))}
          />
        </>
      ) : null}
    </>
  );
}

function DayField({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string;
  value: string;
  min?: string;
  max?: string;
  onChange: (day: string) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  // While someone types, the field is theirs; otherwise it follows the address (the browser's Back).
  useEffect(() => {
    if (field.current && field.current !== document.activeElement) field.current.value = value;
  }, [value]);
  return (
    <TextInput
      ref={field}
      type="date"
      aria-label={label}
      defaultValue={value}
      min={min || dayBounds.min}
      max={max || dayBounds.max}
      onChange={(event) => {
        // A year that is still being typed is out of bounds, and not meant yet.
        if (event.currentTarget.validity.valid) onChange(event.currentTarget.value);
      }}
      leftSection={<span className="tp-dim">{label}</span>}
      leftSectionWidth={label === "From" ? 52 : 34}
      w={{ base: "calc(50% - 0.25rem)", xs: label === "From" ? 184 : 166 }}
    />
  );
}
