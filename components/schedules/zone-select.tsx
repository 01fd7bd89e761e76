"use client";

import { Select } from "@mantine/core";
import { useMemo, useState } from "react";
import { useNow } from "../time/clock.tsx";
import { offsetLabel, timeText } from "../time/format.ts";

/** Chooses an IANA zone: search by name, each with its offset and the time there now. */
export function ZoneSelect({
  value,
  onChange,
  onBlur,
  error,
}: {
  value: string;
  onChange: (zone: string) => void;
  onBlur: () => void;
  error?: string | undefined;
}) {
  const now = useNow();
  const [opened, setOpened] = useState(false);
  const zones = useMemo(
    () => [...new Set(["UTC", value, ...Intl.supportedValuesOf("timeZone")].filter(Boolean))],
    [value],
  );
  return (
    <Select
      label="Time zone"
      description={
        value ? `Now ${timeText(now, usable(value))} there, ${offsetLabel(now, usable(value))}` : undefined
      }
      data={zones}
      value={value}
      onChange={(zone) => zone && onChange(zone)}
      onBlur={onBlur}
      error={error}
      searchable
      limit={80}
      maxDropdownHeight={280}
      nothingFoundMessage="No zone has this name"
      allowDeselect={false}
      dropdownOpened={opened}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      withAsterisk
      filter={({ options, search, limit }) => {
        const words = search
          .toLowerCase()
          .split(/[\s_/]+/)
          .filter(Boolean);
        return options
          .filter(
            (option) => "value" in option && words.every((word) => option.value.toLowerCase().includes(word)),
          )
          .slice(0, limit);
      }}
      renderOption={({ option }) => (
        <span style={{ display: "flex", width: "100%", justifyContent: "space-between", gap: "1rem" }}>
          <span>{option.value.replaceAll("_", " ")}</span>
          <span className="tp-dim tp-nums">
            {offsetLabel(now, option.value)} · {timeText(now, option.value)}
          </span>
        </span>
      )}
    />
  );
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
