"use client";

import { Select } from "@mantine/core";
import { useMergedRef } from "@mantine/hooks";
import { type RefCallback, useMemo, useRef, useState } from "react";
import { useHourClock, useNow } from "./clock.tsx";
import { offsetLabel, timeText } from "./format.ts";
import { searchableNames, zoneLabel } from "./zone-names.ts";

/** Chooses an IANA zone: search by name, each with its offset and the time there now. */
export function ZoneSelect({
  value,
  onChange,
  onBlur,
  error,
  inputRef,
}: {
  value: string;
  onChange: (zone: string) => void;
  onBlur: () => void;
  error?: string | undefined;
  /** Gets the field that a fault focuses. */
  inputRef: RefCallback<HTMLInputElement>;
}) {
  const now = useNow();
  const clock = useHourClock();
  const [opened, setOpened] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const mergedRef = useMergedRef(input, inputRef);
  // Also found by offset: `+5:30`, `utc-3`. Worked out when somebody searches: there are 400 zones.
  const offsets = useMemo(() => new Map<string, string>(), []);
  const offsetOf = (zone: string) => {
    const known = offsets.get(zone) ?? offsetLabel(now, zone).toLowerCase().replace("−", "-");
    offsets.set(zone, known);
    return known;
  };
  const zones = useMemo(
    () => [...new Set(["UTC", value, ...Intl.supportedValuesOf("timeZone")].filter(Boolean))],
    [value],
  );
  return (
    <Select
      ref={mergedRef}
      label="Time zone"
      description={
        value
          ? `Now ${timeText(now, usable(value), clock)} there, ${offsetLabel(now, usable(value))}`
          : undefined
      }
      data={zones}
      value={value}
      onChange={(zone) => zone && onChange(zone)}
      onBlur={onBlur}
      error={error}
      searchable
      limit={80}
      // The list itself scrolls: assistive technology knows it as the field's, and keys move in it.
      withScrollArea={false}
      styles={{ options: { maxHeight: 280, overflowY: "auto" } }}
      nothingFoundMessage="No zone has this name"
      allowDeselect={false}
      comboboxProps={{ shadow: "md" }}
      dropdownOpened={opened}
      onDropdownOpen={() => {
        setOpened(true);
        // Typing searches at once, rather than adding to the zone that is chosen.
        input.current?.select();
      }}
      onDropdownClose={() => setOpened(false)}
      withAsterisk
      filter={({ options, search, limit }) => {
        const words = search
          .toLowerCase()
          .replace("−", "-")
          .split(/[\s_/]+/)
          .filter(Boolean);
        return options
          .filter(
            (option) =>
              "value" in option &&
              words.every(
                (word) =>
                  searchableNames(option.value).includes(word) ||
                  (/\d/.test(word) && sameOffset(offsetOf(option.value), word)),
              ),
          )
          .slice(0, limit);
      }}
      renderOption={({ option }) => (
        <span style={{ display: "flex", width: "100%", justifyContent: "space-between", gap: "1rem" }}>
          <span>{zoneLabel(option.value)}</span>
          <span className="tp-dim tp-nums" style={{ whiteSpace: "nowrap" }}>
            {offsetLabel(now, option.value)} · {timeText(now, option.value, clock)}
          </span>
        </span>
      )}
    />
  );
}

/** Whether `utc+5:30` is what was searched for: `utc+5:30`, `+5:30`, `5:30`; `+5` is not `+5:30`. */
function sameOffset(offset: string, word: string): boolean {
  return offset === word || offset === `utc${word}` || offset === `utc+${word}`;
}

/** The zone to compute with while the typed one may be unknown to this browser. */
function usable(zone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return "UTC";
  }
}
