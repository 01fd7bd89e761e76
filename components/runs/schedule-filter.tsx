"use client";

import { Loader, Select } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useRef, useState } from "react";
import type { ScheduleChoice, scheduleChoices } from "#lib/runs/schedule-choices";
import { useUrlState } from "../data-table/url-state.ts";
import type { ActionOf } from "../feedback/action-result.ts";
import { toast } from "../feedback/toast.ts";

/**
 * Filters by one schedule, found by a part of its name; deleted ones are among them. The server searches, so it does not
 * matter how many there are.
 */
export function ScheduleFilter({
  chosen,
  find,
}: {
  chosen: ScheduleChoice | null;
  find: ActionOf<typeof scheduleChoices>;
}) {
  const { change } = useUrlState();
  const [offered, setOffered] = useState<readonly ScheduleChoice[]>([]);
  const [searching, setSearching] = useState(false);
  const asked = useRef(0);

  const ask = async (search: string) => {
    asked.current += 1;
    const turn = asked.current;
    setSearching(true);
    const result = await find({ search }).catch(() => null);
    // An answer that a later question has overtaken is not wanted any more.
    if (turn !== asked.current) return;
    setSearching(false);
    if (result?.ok) setOffered(result.data);
    else if (result) toast.problem(result.problem);
  };
  const search = useDebouncedCallback(ask, 200);
  const all = chosen && !offered.some(({ id }) => id === chosen.id) ? [chosen, ...offered] : offered;

  return (
    <Select
      aria-label="Schedule"
      placeholder="Any schedule"
      value={chosen ? String(chosen.id) : null}
      onChange={(id) => change({ schedule: id })}
      data={all.map(({ id, name, is_deleted }) => ({
        value: String(id),
        label: is_deleted ? `${name} (deleted)` : name,
      }))}
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Any schedule" }}
      rightSection={searching ? <Loader size={14} /> : undefined}
      // The server has searched; what it found is shown as it is.
      filter={({ options }) => options}
      onSearchChange={(text) => {
        if (text !== labelOf(chosen)) search(text);
      }}
      onDropdownOpen={() => ask("")}
      nothingFoundMessage={searching ? "Searching…" : "No schedule has this in its name"}
      maxDropdownHeight={300}
      w={{ base: "100%", xs: 260 }}
    />
  );
}

function labelOf(choice: ScheduleChoice | null): string {
  if (!choice) return "";
  return choice.is_deleted ? `${choice.name} (deleted)` : choice.name;
}
