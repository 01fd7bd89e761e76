import { z } from "zod";
import { isKnownTimezone } from "./recurrence.ts";

/** The zone of a schedule, or of retention's calendar: an IANA name. */
export const timezoneField = z
  .string("must be a text")
  .max(100, "must be at most 100 characters")
  .refine(isKnownTimezone, "is not a known IANA time zone; use a name such as Europe/Berlin or UTC")
  .meta({ description: "IANA time zone", examples: ["Europe/Berlin"] });
