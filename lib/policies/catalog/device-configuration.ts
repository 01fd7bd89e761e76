import type { PolicyType, Selector } from "../policy-type.ts";
import { deviceReferences } from "./device-references.ts";
import { AM, assignments, DM, entries, permissions } from "./entry.ts";
import { settingsCatalog, templateFamily } from "./settings-catalog.ts";
import { updateRing } from "./updates.ts";

const devicePreparation: Selector = { property: templateFamily, equals: ["enrollmentConfiguration"] };

export const deviceConfiguration: readonly PolicyType[] = entries("policy", "Device configuration", [
  {
    key: "settingsCatalogPolicy",
    label: "Settings catalog policies",
    ...settingsCatalog,
    selectors: [
      { property: templateFamily, startsWith: "endpointSecurity", negated: true },
      { property: templateFamily, equals: ["baseline"], negated: true },
    ],
    children: [
      ...settingsCatalog.children,
      // The group that devices join during Autopilot device preparation. No list of permissions names the function.
      {
        key: "retrieveEnrollmentTimeDeviceMembershipTarget",
        shape: "object",
        when: devicePreparation,
        optional: true,
      },
    ],
  },
  {
    key: "deviceConfiguration",
    label: "Device configuration profiles",
    path: `${DM}/deviceConfigurations`,
    declares: "deviceConfiguration",
    permission: permissions.configuration,
    selectors: [{ property: "@odata.type", equals: [updateRing], negated: true }],
    listExpand: "assignments",
    children: [assignments, ...deviceReferences],
    exportFolder: "DeviceConfiguration",
  },
  {
    key: "groupPolicyConfiguration",
    label: "Administrative templates",
    path: `${DM}/groupPolicyConfigurations`,
    declares: "groupPolicyConfiguration",
    permission: permissions.configuration,
    listExpand: "assignments",
    children: [
      {
        key: "definitionValues",
        query: "$expand=definition",
        children: [{ key: "presentationValues", query: "$expand=presentation" }],
      },
      assignments,
    ],
    exportFolder: "AdministrativeTemplates",
  },
  {
    key: "admxFile",
    label: "Imported ADMX files",
    since: 2,
    path: `${DM}/groupPolicyUploadedDefinitionFiles`,
    declares: "groupPolicyUploadedDefinitionFile",
    permission: permissions.configuration,
    volatile: ["status", "uploadDateTime", "revision"],
    writeOnly: ["content"],
    exportFolder: "ADMXFiles",
  },
  {
    key: "policySet",
    label: "Policy sets",
    path: `${AM}/policySets`,
    declares: "policySet",
    permission: permissions.configuration,
    readById: true,
    children: [{ key: "items" }, assignments],
    volatile: ["status", "errorCode"],
    exportFolder: "PolicySets",
  },
  {
    key: "inventoryPolicy",
    label: "Device inventory policies",
    since: 2,
    path: `${DM}/inventoryPolicies`,
    permission: permissions.configuration,
    // In no metadata: tenants that do not have it answer as if it did not exist.
    absentOn: [400, 404],
    listExpand: "assignments",
    children: [{ key: "settings", announcedBy: "settingCount" }, assignments],
    exportFolder: "InventoryPolicies",
  },
  {
    key: "hardwareConfiguration",
    label: "BIOS configurations",
    since: 2,
    path: `${DM}/hardwareConfigurations`,
    declares: "hardwareConfiguration",
    permission: permissions.configuration,
    readById: true,
    children: [assignments],
    exportFolder: "HardwareConfigurations",
  },
  {
    key: "intuneTenantSettings",
    label: "Intune tenant settings",
    since: 2,
    path: `${DM}/settings`,
    declares: "deviceManagementSettings",
    permission: permissions.configuration,
    single: true,
    exportFolder: "IntuneTenantSettings",
  },
  {
    key: "deviceCleanupRule",
    label: "Device cleanup rules",
    since: 2,
    path: `${DM}/managedDeviceCleanupRules`,
    declares: "managedDeviceCleanupRule",
    permission: permissions.configuration,
    alsoGrantedBy: [permissions.devices],
    exportFolder: "DeviceCleanupRules",
  },
  {
    key: "operationApprovalPolicy",
    label: "Multi admin approval policies",
    since: 2,
    path: `${DM}/operationApprovalPolicies`,
    declares: "operationApprovalPolicy",
    permission: permissions.configuration,
    alsoGrantedBy: [permissions.rbac],
    exportFolder: "OperationApprovalPolicies",
  },
]);
