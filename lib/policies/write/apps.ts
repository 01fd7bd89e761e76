import { assignAll, type PartRule, type WriteRule, writeRule, writing } from "./write-rule.ts";

const targetApps: PartRule = { kind: "targetApps", of: "apps", method: "POST", path: "targetApps" };

const managed = {
  permissions: [writing.apps],
  strip: ["apps", "deployedAppCount"],
  parts: [targetApps],
  assign: { ...assignAll, noAllDevices: true },
  traps: ["It is assigned to groups only: all users is a virtual group, and all devices is not taken."],
} as const;

/** Apps that are names of something that lies elsewhere: Graph needs no file to make them. */
const fileless = [
  "androidForWorkApp",
  "androidStoreApp",
  "iosStoreApp",
  "iosiPadOSWebClip",
  "macOSMicrosoftDefenderApp",
  "macOSMicrosoftEdgeApp",
  "macOSOfficeSuiteApp",
  "macOSWebClip",
  "microsoftStoreForBusinessApp",
  "officeSuiteApp",
  "webApp",
  "winGetApp",
  "windowsMicrosoftEdgeApp",
  "windowsStoreApp",
  "windowsWebApp",
] as const;

export const appRules = {
  appProtectionPolicy: writeRule({
    ...managed,
    strip: [...managed.strip, "protectedAppLockerFiles", "exemptAppLockerFiles"],
    stripOnUpdate: ["appGroupType"],
    traps: [
      ...managed.traps,
      "The lists of apps of Windows Information Protection are files that are imported by hand.",
    ],
  }),
  mamAppConfiguration: writeRule({
    ...managed,
    strip: [...managed.strip, "settings"],
    stripOnUpdate: ["appGroupType"],
    parts: [targetApps, { kind: "changeSettings", of: "settings", method: "POST", path: "changeSettings" }],
    references: [{ path: "settings/**", kind: "reusableSetting" }],
  }),
  managedDeviceAppConfiguration: writeRule({
    permissions: [writing.apps],
    strip: ["appSupportsOemConfig"],
    stripOnUpdate: ["targetedMobileApps"],
    fixed: ["targetedMobileApps"],
    assign: {
      path: "microsoft.graph.managedDeviceMobileAppConfiguration/assign",
      key: "assignments",
      keep: [],
    },
    references: [{ path: "targetedMobileApps", kind: "app" }],
    traps: ["Configurations for Android need a tenant that is bound to managed Google Play."],
  }),
  mobileApp: writeRule({
    permissions: [writing.apps],
    stage: "app",
    create: { from: null, only: fileless, first: null },
    strip: [
      "appAvailability",
      "appIdentifier",
      "appTracks",
      "categories",
      "committedContentVersion",
      "dependentAppCount",
      "fileName",
      "isPrivate",
      "isSystemApp",
      "manifestHash",
      "packageId",
      "publishingState",
      "relationships",
      "revokeLicenseActionResults",
      "setupFilePath",
      "size",
      "supersededAppCount",
      "supersedingAppCount",
      "supportsOemConfig",
      "totalLicenseCount",
      "uploadState",
      "usedLicenseCount",
    ],
    // The store's address says which app of Google Play it is, and Graph takes it when the app is made.
    stripOnUpdate: ["appStoreUrl", "bundleId", "packageIdentifier"],
    fixed: ["bundleId", "packageIdentifier"],
    assign: {
      path: "assign",
      key: "mobileAppAssignments",
      keep: ["intent", "settings"],
      once: {
        property: "publishingState",
        is: "published",
        otherwise: "Intune has not published it yet",
      },
    },
    traps: [
      "A new app is assigned once Intune has published it.",
      "The installer of an app cannot be read: its description and assignments are restored, where the app is there.",
      "Categories and dependencies are set by hand.",
    ],
  }),
} as const satisfies Record<string, WriteRule>;
