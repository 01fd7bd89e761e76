import { z } from "zod";
import { transaction } from "#lib/db/transaction";
import { ownOperation } from "#lib/operation";
import { defaultPreferences, preferencesSchema } from "./preferences-schema.ts";

/**
 * Changes a person's own preferences. They belong to no tenant: the transaction is bound to the person, and the database
 * lets them write their own row alone.
 * @throws AppError VALIDATION_FAILED
 */
export const savePreferences = ownOperation({
  name: "preferences.save",
  actors: ["user"],
  input: preferencesSchema,
  output: z.void(),
  async run({ user_id: userId }, change) {
    const keepsZone = change.time_zone === undefined;
    const kind = change.notification?.kind ?? null;
    const muted = kind !== null && !change.notification?.is_wanted ? [kind] : [];
    await transaction(
      { as: "account", user_id: userId },
      (db) => db.$executeRaw`
      INSERT INTO user_preferences AS p (user_id, time_zone, hour_clock, shortcuts_enabled, muted_notifications)
      VALUES (${userId}, ${change.time_zone ?? null}, ${change.hour_clock ?? defaultPreferences.hour_clock},
              ${change.shortcuts_enabled ?? true}, ${muted}::text[])
      ON CONFLICT (user_id) DO UPDATE SET
        time_zone = CASE WHEN ${keepsZone} THEN p.time_zone ELSE excluded.time_zone END,
        hour_clock = coalesce(${change.hour_clock ?? null}, p.hour_clock),
        shortcuts_enabled = coalesce(${change.shortcuts_enabled ?? null}::boolean, p.shortcuts_enabled),
        muted_notifications = array_remove(p.muted_notifications, ${kind}::text) || excluded.muted_notifications,
        updated_at = now()`,
    );
  },
});
