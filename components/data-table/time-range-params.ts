import { z } from "zod";
import { usableZone } from "../time/zone-cookie.ts";
import { isReadableTime, timeRangePresets } from "./time-range.ts";

/** What a list's address may say of a time range. Apart, since browsers need no schemas for it. */
export const timeRangeParams = {
  range: z.enum([...timeRangePresets.map(({ value }) => value), "dates"]),
  from: z.string().refine(isReadableTime),
  to: z.string().refine(isReadableTime),
  zone: z.string().refine((name) => usableZone(name) === name),
};
