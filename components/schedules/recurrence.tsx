"use client";

import { useHourClock } from "../time/clock.tsx";
import { recurrenceText } from "./describe.ts";

/** When a schedule is due, on the viewer's clock: `Mon–Fri at 02:30`. */
export function Recurrence({ of: schedule }: { of: Parameters<typeof recurrenceText>[0] }) {
  return recurrenceText(schedule, useHourClock());
}
