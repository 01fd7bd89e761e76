"use client";

import { Loader, MultiSelect } from "@mantine/core";
import { useState } from "react";
import type { ScheduleChoice } from "#lib/runs/schedule-choices";
import { type FindSchedules, scheduleLabel, useFoundSchedules } from "../runs/use-found-schedules.ts";

/** Chooses backup schedules, of however many there are: the server finds them by a part of their names. */
export function SchedulesField({
  value,
  named,
  find,
  onChange,
  error,
}: {
  value: readonly number[];
  /** What the chosen ones are called, as far as is known. */
  named: readonly ScheduleChoice[];
  find: FindSchedules;
  onChange: (ids: number[]) => void;
  error: string | undefined;
}) {
  const { offered, searching, ask, search } = useFoundSchedules(find);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(named);
  const known = new Map([...named, ...chosen, ...offered].map((each) => [each.id, each]));
  const option = (id: number) => {
    const schedule = known.get(id);
    return { value: String(id), label: schedule ? scheduleLabel(schedule) : `schedule ${id}` };
  };
  // A rule for a deleted schedule would send nothing: one that is chosen already can stay.
  const living = offered.filter(({ id, is_deleted }) => !is_deleted && !value.includes(id));
  return (
    <MultiSelect
      label="Backup schedules"
      description="None chosen: all, and what concerns none. Type a part of a name to find others than the first ones."
      data={[...value, ...living.map(({ id }) => id)].map(option)}
      value={value.map(String)}
      onChange={(ids) => {
        setChosen([...known.values()]);
        onChange(ids.map(Number));
      }}
      searchable
      clearable
      rightSection={searching ? <Loader size={14} /> : undefined}
      // The server has searched; what it found is shown as it is.
      filter={({ options }) => options}
      searchValue={text}
      onSearchChange={(words) => {
        setText(words);
        search(words);
      }}
      onDropdownOpen={() => ask(text)}
      hidePickedOptions
      nothingFoundMessage={searching ? "Searching…" : "No schedule has this in its name"}
      error={error}
    />
  );
}
