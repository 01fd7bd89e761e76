"use client";

import { useDebouncedCallback } from "@mantine/hooks";
import { useRef, useState } from "react";
import type { ScheduleChoice, scheduleChoices } from "#lib/runs/schedule-choices";
import type { ActionOf } from "../feedback/action-result.ts";
import { toast } from "../feedback/toast.ts";

export type FindSchedules = ActionOf<typeof scheduleChoices>;

/**
 * Schedules that the server finds by a part of their names, so it does not matter how many there are. `ask` looks at once,
 * `search` when nobody has typed for a moment.
 */
export function useFoundSchedules(find: FindSchedules) {
  const [offered, setOffered] = useState<readonly ScheduleChoice[]>([]);
  const [searching, setSearching] = useState(false);
  const asked = useRef(0);
  const ask = async (words: string) => {
    asked.current += 1;
    const turn = asked.current;
    setSearching(true);
    const result = await find({ search: words }).catch(() => null);
    // An answer that a later question has overtaken is not wanted any more.
    if (turn !== asked.current) return;
    setSearching(false);
    if (result?.ok) setOffered(result.data);
    else if (result) toast.problem(result.problem);
  };
  const search = useDebouncedCallback(ask, 200);
  return { offered, searching, ask, search };
}

/** The schedule's name, and that it is deleted. */
export function scheduleLabel({ name, is_deleted }: ScheduleChoice): string {
  return is_deleted ? `${name} (deleted)` : name;
}
