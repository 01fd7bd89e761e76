"use client";

import { Loader, Select } from "@mantine/core";
import type { ScheduleChoice } from "#lib/runs/schedule-choices";
import { useUrlState } from "../data-table/url-state.ts";
import { type FindSchedules, scheduleLabel, useFoundSchedules } from "./use-found-schedules.ts";

/**
 * Filters by one schedule, found by a part of its name; deleted ones are among them. The server searches, so it does not
 * matter how many there are.
 */
export function ScheduleFilter({ chosen, find }: { chosen: ScheduleChoice | null; find: FindSchedules }) {
  const { change } = useUrlState();
  const { offered, searching, ask, search } = useFoundSchedules(find);
  const all = chosen && !offered.some(({ id }) => id === chosen.id) ? [chosen, ...offered] : offered;

  return (
    <Select
      aria-label="Schedule"
      placeholder="Any schedule"
      value={chosen ? String(chosen.id) : null}
      onChange={(id) => change({ schedule: id })}
      data={all.map((schedule) => ({ value: String(schedule.id), label: scheduleLabel(schedule) }))}
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Any schedule" }}
      rightSection={searching ? <Loader size={14} /> : undefined}
      // The server has searched; what it found is shown as it is.
      filter={({ options }) => options}
      onSearchChange={(text) => {
        if (text !== (chosen ? scheduleLabel(chosen) : "")) search(text);
      }}
      onDropdownOpen={() => ask("")}
      nothingFoundMessage={searching ? "Searching…" : "No schedule has this in its name"}
      maxDropdownHeight={300}
      w={{ base: "100%", xs: 260 }}
    />
  );
}
