"use client";

import { useHourClock } from "./clock.tsx";
import { timeOfDayText } from "./format.ts";

/** A time of day on the viewer's clock. @param time `HH:mm` or `HH:mm:ss`, as schedules keep it */
export function TimeOfDay({ time }: { time: string }) {
  return timeOfDayText(time, useHourClock());
}
