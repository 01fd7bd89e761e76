import type { Child, PolicyType } from "../policy-type.ts";
import { AM, assignments, entries, permissions } from "./entry.ts";

const managedAppConfiguration = "#microsoft.graph.targetedManagedAppConfiguration";
const apps: Child = { key: "apps" };
/** Lists of apps that Windows Information Protection protects or exempts: base64 of XML. */
const appLockerFiles: readonly Child[] = [
  { key: "protectedAppLockerFiles" },
  { key: "exemptAppLockerFiles" },
];

export const appTypes: readonly PolicyType[] = entries("policy", "Apps", [
  {
    key: "appProtectionPolicy",
    label: "App protection policies",
    path: `${AM}/managedAppPolicies`,
    declares: "managedAppPolicy",
    permission: permissions.apps,
    // Graph lists app configurations here too; they are captured as mamAppConfiguration.
    selectors: [{ property: "@odata.type", equals: [managedAppConfiguration], negated: true }],
    readById: true,
    typed: {
      iosManagedAppProtection: { path: `${AM}/iosManagedAppProtections`, children: [apps, assignments] },
      androidManagedAppProtection: {
        path: `${AM}/androidManagedAppProtections`,
        children: [apps, assignments],
      },
      windowsManagedAppProtection: {
        path: `${AM}/windowsManagedAppProtections`,
        children: [apps, assignments],
      },
      defaultManagedAppProtection: { path: `${AM}/defaultManagedAppProtections`, children: [apps] },
      mdmWindowsInformationProtectionPolicy: {
        path: `${AM}/mdmWindowsInformationProtectionPolicies`,
        children: [assignments, ...appLockerFiles],
      },
      windowsInformationProtectionPolicy: {
        path: `${AM}/windowsInformationProtectionPolicies`,
        children: [assignments, ...appLockerFiles],
      },
    },
    volatile: ["deployedAppCount", "isAssigned"],
    exportFolder: "AppProtection",
  },
  {
    key: "mamAppConfiguration",
    label: "App configurations (managed apps)",
    path: `${AM}/targetedManagedAppConfigurations`,
    declares: "targetedManagedAppConfiguration",
    permission: permissions.apps,
    listExpand: "apps,assignments",
    // The settings are those of the settings catalog (Edge, Microsoft 365 apps); nothing announces how many.
    children: [apps, assignments, { key: "settings" }],
    volatile: ["deployedAppCount", "isAssigned"],
    exportFolder: "AppConfigurationManagedApp",
  },
  {
    key: "managedDeviceAppConfiguration",
    label: "App configurations (managed devices)",
    path: `${AM}/mobileAppConfigurations`,
    declares: "managedDeviceMobileAppConfiguration",
    permission: permissions.apps,
    listExpand: "assignments",
    children: [assignments],
    exportFolder: "AppConfigurationManagedDevice",
    exportFolderWhen: { property: "appSupportsOemConfig", folder: "AndroidOEMConfig" },
  },
  {
    key: "mobileApp",
    label: "Apps (metadata)",
    path: `${AM}/mobileApps`,
    declares: "mobileApp",
    permission: permissions.apps,
    // Without the some 200 apps that Microsoft lists in every tenant: they change without an administrator's doing.
    listQuery:
      "$filter=(microsoft.graph.managedApp/appAvailability eq null or microsoft.graph.managedApp/appAvailability eq 'lineOfBusiness' or isAssigned eq true)",
    listExpand: "assignments,categories",
    selectOnly: ["largeIcon"],
    children: [
      assignments,
      { key: "categories" },
      {
        key: "relationships",
        whenPositive: ["dependentAppCount", "supersedingAppCount", "supersededAppCount"],
        // The parents say the same from the other app's end.
        keep: { property: "targetType", equals: "child" },
      },
    ],
    volatile: [
      "uploadState",
      "usedLicenseCount",
      "dependentAppCount",
      "supersedingAppCount",
      "supersededAppCount",
      "isAssigned",
      "revokeLicenseActionResults",
    ],
    exportFolder: "Applications",
  },
  {
    key: "mobileAppCategory",
    label: "App categories",
    since: 2,
    path: `${AM}/mobileAppCategories`,
    declares: "mobileAppCategory",
    permission: permissions.apps,
    exportFolder: "ApplicationCategories",
  },
]);
