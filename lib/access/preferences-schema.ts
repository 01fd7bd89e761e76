import { z } from "zod";
import { type NotificationKind, notificationKinds } from "#lib/notifications/kinds";

/** Clocks that times can be read on: of 24 hours, or of 12 with am and pm. */
export const hourClocks = ["24", "12"] as const;
export type HourClock = (typeof hourClocks)[number];

/** What a person has chosen for themselves, in all tenants. */
export interface Preferences {
  /** IANA name of the zone that pages show times in; null: as the browser. */
  time_zone: string | null;
  hour_clock: HourClock;
  /** Whether shortcuts of a single character work. */
  shortcuts_enabled: boolean;
  /** Kinds of notification that the person does not want. */
  muted_notifications: NotificationKind[];
}

export const defaultPreferences: Preferences = {
  time_zone: null,
  hour_clock: "24",
  shortcuts_enabled: true,
  muted_notifications: [],
};

/** A change of one's preferences: what is left out stays. */
export const preferencesSchema = z.strictObject({
  time_zone: z
    .string()
    .max(100, "must be at most 100 characters")
    .refine(isZone, "must be an IANA time zone such as Europe/Berlin")
    .nullable()
    .optional(),
  hour_clock: z.enum(hourClocks).optional(),
  shortcuts_enabled: z.boolean().optional(),
  /** One kind alone, so that what was chosen in another tab meanwhile stays. */
  notification: z.strictObject({ kind: z.enum(notificationKinds), is_wanted: z.boolean() }).optional(),
});
export type PreferencesChange = z.input<typeof preferencesSchema>;

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    // Offsets such as "+02:00" are zones to some runtimes, and have no daylight saving.
    return name === "UTC" || /^[A-Za-z]+\/[A-Za-z0-9_+\-/]+$/.test(name);
  } catch {
    return false;
  }
}
