import type { PolicyType } from "../policy-type.ts";
import { assignments, DM, entries, permissions } from "./entry.ts";

export const updateRing = "#microsoft.graph.windowsUpdateForBusinessConfiguration";

const update = {
  permission: permissions.configuration,
  listExpand: "assignments",
  children: [assignments],
} as const;

export const updates: readonly PolicyType[] = entries("policy", "Windows updates", [
  {
    key: "windowsUpdateRing",
    label: "Update rings",
    path: `${DM}/deviceConfigurations`,
    declares: "deviceConfiguration",
    ...update,
    selectors: [{ property: "@odata.type", equals: [updateRing] }],
    exportFolder: "UpdatePolicies",
  },
  {
    key: "windowsFeatureUpdateProfile",
    label: "Feature updates",
    path: `${DM}/windowsFeatureUpdateProfiles`,
    declares: "windowsFeatureUpdateProfile",
    ...update,
    volatile: ["endOfSupportDate"],
    exportFolder: "FeatureUpdates",
  },
  {
    key: "windowsQualityUpdateProfile",
    label: "Quality updates",
    path: `${DM}/windowsQualityUpdateProfiles`,
    declares: "windowsQualityUpdateProfile",
    ...update,
    exportFolder: "QualityUpdates",
  },
  {
    key: "windowsQualityUpdatePolicy",
    label: "Quality update policies (hotpatch)",
    since: 2,
    path: `${DM}/windowsQualityUpdatePolicies`,
    declares: "windowsQualityUpdatePolicy",
    ...update,
    exportFolder: "QualityUpdatePolicies",
  },
  {
    key: "windowsDriverUpdateProfile",
    label: "Driver updates",
    path: `${DM}/windowsDriverUpdateProfiles`,
    declares: "windowsDriverUpdateProfile",
    ...update,
    volatile: ["newUpdates", "deviceReporting", "inventorySyncStatus"],
    exportFolder: "DriverUpdateProfiles",
  },
]);
