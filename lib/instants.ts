import { z } from "zod";

const message = "must be an instant such as 2026-11-24T02:30:00Z or 2026-11-24T03:30:00+01:00";

/** An instant in a filter: ISO 8601 with its offset from UTC, of a year that calendars and databases agree on. */
export const instantSchema = z.iso.datetime({ offset: true, error: message, abort: true }).refine((text) => {
  const year = new Date(text).getUTCFullYear();
  return year >= 1970 && year <= 9998;
}, message);
