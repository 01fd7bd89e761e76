import type { ReferenceKind } from "./write-rule.ts";

const NOTHING = "00000000-0000-0000-0000-000000000000";

/**
 * Ids that mean the same in every tenant. Source: the reference of conditional access, and the virtual groups that
 * Intune's app protection uses for all users and all devices.
 */
const ids: Partial<Record<ReferenceKind, readonly string[]>> = {
  application: ["All", "None", "Office365", "MicrosoftAdminPortals"],
  authenticationStrength: [
    "00000000-0000-0000-0000-000000000002",
    "00000000-0000-0000-0000-000000000003",
    "00000000-0000-0000-0000-000000000004",
  ],
  group: [
    "acacacac-9df4-4c7d-9d50-4ef0226f57a9",
    "adadadad-808e-44e2-905a-0b7873a8a531",
    "all_users",
    "all_devices",
    // Nobody, where an authentication method's feature excludes nobody.
    NOTHING,
  ],
  namedLocation: ["All", "AllTrusted", NOTHING],
  notificationTemplate: [NOTHING],
  scopeTag: ["0"],
  servicePrincipal: ["ServicePrincipalsInMyTenant"],
  user: ["All", "None", "GuestsOrExternalUsers"],
};

/** Whether an id is Microsoft's own and passes unchanged from tenant to tenant. Conditional access names built-in roles only. */
export function isWellKnown(kind: ReferenceKind, id: string): boolean {
  // Those that come with every Configuration Manager, such as SMS00001: all systems.
  if (kind === "collection" && /^SMS(DM)?\d+$/.test(id)) return true;
  return kind === "directoryRole" || id === "" || (ids[kind] ?? []).includes(id);
}
