import { z } from "zod";
import { requireAsRead } from "#lib/as-read";
import type { Tx } from "#lib/db/transaction";
import { operation } from "#lib/operation";
import { type RestoreSettings, restoreSettingsInput } from "./schema.ts";
import { restoreSettingsView } from "./views.ts";

const defaults: RestoreSettings = {
  two_people: false,
  break_glass_users: [],
  break_glass_groups: [],
  mass_change_limit: 25,
};

/** What the tenant wants of its restores, in its transaction. */
export async function readRestoreSettings(db: Tx): Promise<RestoreSettings> {
  const row = await db.restoreSettings.findFirst({ omit: { tenant_id: true } });
  return row ?? defaults;
}

/** The tenant's rules for restores. */
export const getRestoreSettings = operation({
  name: "restore_settings.get",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({}),
  output: restoreSettingsView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/restore-settings",
    operationId: "getRestoreSettings",
    summary: "The tenant's rules for restores",
    tag: "Restores",
    answer: "The rules",
  },
  run: ({ db }) => readRestoreSettings(db),
});

/**
 * Changes the tenant's rules for restores; for owners, signed in.
 * @throws AppError EDIT_CONFLICT when they are not `as_read` any more
 */
export const saveRestoreSettings = operation({
  name: "restore_settings.save",
  permission: "write_connection:manage",
  effect: "write",
  input: restoreSettingsInput.extend({
    as_read: restoreSettingsView
      .optional()
      .meta({ description: "The rules as they were read: 409 EDIT_CONFLICT when they are others by now" }),
  }),
  output: restoreSettingsView,
  http: {
    method: "PUT",
    path: "/tenants/{tenantId}/restore-settings",
    operationId: "saveRestoreSettings",
    summary: "Change the tenant's rules for restores",
    description:
      "Plans that were worked out before keep what they found of accounts for emergencies until they are planned anew.",
    tag: "Restores",
    answer: "The rules",
    errors: ["EDIT_CONFLICT"],
  },
  async run({ db, tenant, audit }, { as_read, ...input }) {
    // There may be no row yet that one could lock.
    await db.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('tenantpilot.restore_settings', ${tenant.id}))::text`;
    requireAsRead(as_read, await readRestoreSettings(db));
    await db.restoreSettings.upsert({
      where: { tenant_id: tenant.id },
      create: { tenant_id: tenant.id, ...input },
      update: input,
    });
    audit({ action: "restore.settings_saved", details: { ...input } });
    return input;
  },
});
