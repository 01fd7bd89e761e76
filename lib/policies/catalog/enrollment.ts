import type { PolicyType, Selector } from "../policy-type.ts";
import { AM, assignments, DM, entries, permissions } from "./entry.ts";

const shared = {
  path: `${DM}/deviceEnrollmentConfigurations`,
  declares: "deviceEnrollmentConfiguration",
  permission: permissions.service,
  alsoGrantedBy: [permissions.configuration],
  listExpand: "assignments",
  children: [assignments],
} as const;

/** The kinds of deviceEnrollmentConfigurations that have a type of their own, by its key. */
const kinds = {
  enrollmentRestriction: [
    "#microsoft.graph.deviceEnrollmentPlatformRestrictionsConfiguration",
    "#microsoft.graph.deviceEnrollmentPlatformRestrictionConfiguration",
  ],
  windowsEnrollmentStatusPage: ["#microsoft.graph.windows10EnrollmentCompletionPageConfiguration"],
  deviceEnrollmentLimitConfiguration: ["#microsoft.graph.deviceEnrollmentLimitConfiguration"],
  deviceEnrollmentNotificationConfiguration: ["#microsoft.graph.deviceEnrollmentNotificationConfiguration"],
  windowsHelloForBusiness: ["#microsoft.graph.deviceEnrollmentWindowsHelloForBusinessConfiguration"],
  coManagementSettings: ["#microsoft.graph.deviceComanagementAuthorityConfiguration"],
  windowsRestore: ["#microsoft.graph.windowsRestoreDeviceEnrollmentConfiguration"],
} as const;

function only(key: keyof typeof kinds): { selectors: readonly Selector[] } {
  return { selectors: [{ property: "@odata.type", equals: kinds[key] }] };
}

const defaultProfile = { reference: true, shape: "object" } as const;

export const enrollment: readonly PolicyType[] = entries("policy", "Enrollment", [
  {
    key: "windowsAutopilotDeploymentProfile",
    label: "Autopilot deployment profiles",
    path: `${DM}/windowsAutopilotDeploymentProfiles`,
    declares: "windowsAutopilotDeploymentProfile",
    permission: permissions.service,
    listExpand: "assignments",
    children: [
      assignments,
      {
        key: "domainJoinConfiguration",
        of: ["activeDirectoryWindowsAutopilotDeploymentProfile"],
        shape: "object",
        reference: true,
      },
    ],
    exportFolder: "AutoPilot",
  },
  {
    key: "enrollmentRestriction",
    label: "Enrollment restrictions",
    ...shared,
    ...only("enrollmentRestriction"),
    exportFolder: "EnrollmentRestrictions",
  },
  {
    key: "windowsEnrollmentStatusPage",
    label: "Enrollment status pages",
    ...shared,
    ...only("windowsEnrollmentStatusPage"),
    exportFolder: "EnrollmentStatusPage",
  },
  {
    key: "deviceEnrollmentLimitConfiguration",
    label: "Device enrollment limits",
    ...shared,
    ...only("deviceEnrollmentLimitConfiguration"),
    exportFolder: "EnrollmentRestrictions",
  },
  {
    key: "deviceEnrollmentNotificationConfiguration",
    label: "Enrollment notifications",
    ...shared,
    ...only("deviceEnrollmentNotificationConfiguration"),
    exportFolder: "EnrollmentNotifications",
  },
  {
    key: "windowsHelloForBusiness",
    label: "Windows Hello for Business",
    since: 2,
    ...shared,
    ...only("windowsHelloForBusiness"),
    exportFolder: "WindowsHelloForBusiness",
  },
  {
    key: "coManagementSettings",
    label: "Co-management settings",
    since: 2,
    ...shared,
    ...only("coManagementSettings"),
    exportFolder: "CoManagementSettings",
  },
  {
    key: "windowsRestore",
    label: "Windows Backup and Restore",
    since: 2,
    ...shared,
    ...only("windowsRestore"),
    exportFolder: "WindowsRestore",
  },
  {
    key: "otherEnrollmentConfiguration",
    label: "Other enrollment configurations",
    since: 2,
    ...shared,
    // Microsoft adds kinds: one that has no type of its own yet is captured here.
    selectors: [{ property: "@odata.type", equals: Object.values(kinds).flat(), negated: true }],
    exportFolder: "EnrollmentConfigurations",
  },
  {
    key: "enrollmentProgramToken",
    label: "Apple enrollment program tokens",
    since: 2,
    path: `${DM}/depOnboardingSettings`,
    declares: "depOnboardingSetting",
    permission: permissions.service,
    children: [
      { key: "enrollmentProfiles" },
      { key: "defaultIosEnrollmentProfile", ...defaultProfile },
      { key: "defaultMacOsEnrollmentProfile", ...defaultProfile },
      { key: "defaultTvOSEnrollmentProfile", ...defaultProfile },
      { key: "defaultVisionOSEnrollmentProfile", ...defaultProfile },
    ],
    volatile: [
      "lastSuccessfulSyncDateTime",
      "lastSyncTriggeredDateTime",
      "lastSyncErrorCode",
      "syncedDeviceCount",
    ],
    exportFolder: "AppleEnrollmentProgramTokens",
  },
  {
    key: "appleUserInitiatedEnrollmentProfile",
    label: "Apple user-initiated enrollment profiles",
    since: 2,
    path: `${DM}/appleUserInitiatedEnrollmentProfiles`,
    declares: "appleUserInitiatedEnrollmentProfile",
    permission: permissions.service,
    children: [assignments],
    exportFolder: "AppleEnrollmentTypes",
  },
  {
    key: "applePushCertificate",
    label: "Apple MDM push certificate",
    since: 2,
    path: `${DM}/applePushNotificationCertificate`,
    declares: "applePushNotificationCertificate",
    permission: permissions.configuration,
    alsoGrantedBy: ["DeviceManagementServiceConfig.ReadWrite.All"],
    single: true,
    absentOn: [404],
    exportFolder: "ApplePushNotificationCertificate",
  },
  {
    key: "vppToken",
    label: "Apple volume purchase tokens",
    since: 2,
    path: `${AM}/vppTokens`,
    declares: "vppToken",
    permission: permissions.service,
    volatile: ["state", "lastSyncDateTime", "lastSyncStatus", "tokenActionResults"],
    secrets: ["token"],
    exportFolder: "AppleVPPTokens",
  },
  {
    key: "androidEnrollmentProfile",
    label: "Android Enterprise enrollment profiles",
    since: 2,
    path: `${DM}/androidDeviceOwnerEnrollmentProfiles`,
    declares: "androidDeviceOwnerEnrollmentProfile",
    permission: permissions.configuration,
    volatile: ["enrolledDeviceCount", "enrollmentTokenUsageCount", "tokenCreationDateTime"],
    secrets: ["tokenValue", "qrCodeContent", "qrCodeImage", "wifiPassword"],
    exportFolder: "AndroidEnrollmentProfiles",
  },
  {
    key: "androidForWorkEnrollmentProfile",
    label: "Android enrollment profiles (legacy)",
    since: 2,
    path: `${DM}/androidForWorkEnrollmentProfiles`,
    declares: "androidForWorkEnrollmentProfile",
    permission: permissions.configuration,
    volatile: ["enrolledDeviceCount"],
    secrets: ["tokenValue", "qrCodeContent", "qrCodeImage"],
    exportFolder: "AndroidForWorkEnrollmentProfiles",
  },
  {
    key: "managedGooglePlay",
    label: "Managed Google Play",
    since: 2,
    path: `${DM}/androidManagedStoreAccountEnterpriseSettings`,
    declares: "androidManagedStoreAccountEnterpriseSettings",
    permission: permissions.configuration,
    single: true,
    volatile: ["lastAppSyncDateTime", "lastAppSyncStatus", "companyCodes/qrCodeImage"],
    exportFolder: "ManagedGooglePlay",
  },
]);
