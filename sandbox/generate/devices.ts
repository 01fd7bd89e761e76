import type { GraphObject, Json } from "../json.ts";
import type { Random } from "../random.ts";
import {
  assignments,
  base64,
  intuneCommon,
  plainAssignments,
  policyName,
  scopeTags,
  times,
} from "./common.ts";
import type { Group, Kind, Making } from "./kind.ts";

const configurationAssignments = assignments(() => ({ intent: "apply" }));

function configuration(
  type: string,
  platform: string,
  own: (random: Random, making: Making) => GraphObject,
): Kind {
  return {
    type,
    props: (making) => ({
      ...intuneCommon(making, platform),
      supportsScopeTags: true,
      deviceManagementApplicabilityRuleOsEdition: null,
      deviceManagementApplicabilityRuleOsVersion: null,
      deviceManagementApplicabilityRuleDeviceMode: null,
      ...own(making.random("own"), making),
    }),
    navigations: { assignments: configurationAssignments },
  };
}

/**
 * OMA-URI settings. Encrypted ones come back as a placeholder with a reference: the plain text is only given by
 * getOmaSettingPlainTextValue, which needs ReadWrite.
 */
function omaSettings(random: Random, making: Making): Json {
  return Array.from({ length: random.int(1, 6) }, (_, n) => {
    const encrypted = n === 0 || random.chance(0.3);
    const number = !encrypted && random.chance(0.4);
    return {
      "@odata.type": `#microsoft.graph.omaSetting${number ? "Integer" : "String"}`,
      displayName: `Setting ${n + 1}`,
      description: random.chance(0.5) ? "From the vendor's guide" : null,
      omaUri: `./Device/Vendor/MSFT/Policy/Config/Custom/Setting${n + 1}`,
      secretReferenceValueId: encrypted ? `${random.guid()}_${making.id}_${random.guid()}` : null,
      isEncrypted: encrypted,
      ...(number
        ? { value: random.int(0, 100), isReadOnly: false }
        : { value: encrypted ? "****" : `<enabled/><data id="x" value="${random.hex(6)}"/>` }),
    };
  });
}

const flags = (random: Random, names: readonly string[]): GraphObject =>
  Object.fromEntries(names.map((name) => [name, random.chance(0.3)]));

const DEVICE_CONFIGURATIONS: readonly [Kind, ...Kind[]] = [
  configuration("windows10CustomConfiguration", "Win", (random, making) => ({
    omaSettings: omaSettings(random, making),
  })),
  configuration("iosGeneralDeviceConfiguration", "iOS", (random) => ({
    ...flags(random, ["accountBlockModification", "airDropBlocked", "cameraBlocked", "iCloudBlockBackup"]),
    passcodeMinimumLength: random.int(4, 8),
    passcodeRequiredType: random.pick(["deviceDefault", "numeric", "alphanumeric"]),
    compliantAppsList: [],
  })),
  configuration("windows10GeneralConfiguration", "Win", (random) => ({
    ...flags(random, [
      "bluetoothBlocked",
      "cameraBlocked",
      "cortanaBlocked",
      "usbBlocked",
      "oneDriveDisableFileSync",
    ]),
    passwordMinimumLength: random.pick([null, 8, 12, 14]),
    defenderScanType: random.pick(["userDefined", "quick", "full"]),
    edgeHomepageUrls: [`https://intranet-${random.hex(3)}.contoso.example`],
  })),
  configuration("macOSGeneralDeviceConfiguration", "macOS", (random) => ({
    ...flags(random, [
      "cameraBlocked",
      "iCloudBlockDocumentSync",
      "passwordRequired",
      "addingGameCenterFriendsBlocked",
    ]),
    privacyAccessControls: [],
    passwordMinimumLength: random.int(6, 14),
  })),
  configuration("androidWorkProfileGeneralDeviceConfiguration", "AE", (random) => ({
    ...flags(random, [
      "passwordBlockTrustAgents",
      "workProfileBlockAddingAccounts",
      "workProfileBlockCamera",
    ]),
    workProfileDataSharingType: random.pick(["deviceDefault", "preventAny", "allowPersonalToWork"]),
  })),
  configuration("windows10EndpointProtectionConfiguration", "Win", (random) => ({
    ...flags(random, ["bitLockerEncryptDevice", "applicationGuardEnabled", "smartScreenEnableInShell"]),
    firewallRules: Array.from({ length: random.int(0, 5) }, (_, n) => ({
      displayName: `Rule ${n + 1}`,
      action: random.pick(["allowed", "blocked"]),
      localPortRanges: [String(random.int(1, 65535))],
      profileTypes: "domain,private",
    })),
  })),
  configuration("windows81TrustedRootCertificate", "Win", (random) => ({
    trustedRootCertificate: base64(random.hex(1400)),
    certFileName: "contoso-root.cer",
    destinationStore: "computerCertStoreRoot",
  })),
];

const UPDATE_RING = configuration("windowsUpdateForBusinessConfiguration", "Win - WUfB", (random) => ({
  deliveryOptimizationMode: "userDefined",
  prereleaseFeatures: "userDefined",
  automaticUpdateMode: random.pick(["windowsDefault", "autoInstallAtMaintenanceTime"]),
  microsoftUpdateServiceAllowed: true,
  driversExcluded: random.chance(0.2),
  installationSchedule: null,
  qualityUpdatesDeferralPeriodInDays: random.int(0, 14),
  featureUpdatesDeferralPeriodInDays: random.int(0, 60),
  qualityUpdatesPaused: false,
  featureUpdatesPaused: false,
  qualityUpdatesPauseExpiryDateTime: "0001-01-01T00:00:00Z",
  featureUpdatesPauseExpiryDateTime: "0001-01-01T00:00:00Z",
  businessReadyUpdatesOnly: "userDefined",
  featureUpdatesRollbackWindowInDays: random.int(10, 60),
  deadlineForQualityUpdatesInDays: random.int(0, 7),
  deadlineGracePeriodInDays: random.int(0, 7),
  userPauseAccess: random.pick(["disabled", "enabled"]),
  allowWindows11Upgrade: random.chance(0.5),
}));

function definitionValues(making: Making): Json {
  const random = making.random("definitionValues");
  return Array.from({ length: random.int(1, 8) }, (_, n) => {
    const definitionId = random.guid();
    return {
      ...times(random),
      id: random.guid(),
      enabled: random.chance(0.7),
      configurationType: "policy",
      definition: {
        id: definitionId,
        classType: random.pick(["machine", "user"]),
        displayName: `Administrative template ${n + 1}`,
        categoryPath: "\\Microsoft Edge\\Startup, home page and new tab page",
        supportedOn: "At least Windows 10",
        policyType: "admxBacked",
        version: "1.0",
      },
      presentationValues: Array.from({ length: random.int(0, 3) }, (_, at) => ({
        "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
        ...times(random),
        id: random.guid(),
        value: `https://start-${random.hex(4)}.contoso.example`,
        presentation: {
          "@odata.type": "#microsoft.graph.groupPolicyPresentationTextBox",
          id: random.guid(),
          label: `Text ${at + 1}`,
          required: true,
          maxLength: 1023,
        },
      })),
    };
  });
}

const GROUP_POLICY: Kind = {
  type: "groupPolicyConfiguration",
  props: (making) => {
    const { version: _, ...common } = intuneCommon(making, "Win - ADMX");
    return { ...common, policyConfigurationIngestionType: "builtIn" };
  },
  navigations: { assignments: plainAssignments, definitionValues },
};

function intentSettings(random: Random, count: number, category: number): GraphObject[] {
  return Array.from({ length: count }, (_, n) => {
    const flag = random.chance(0.7);
    const value: Json = flag ? random.chance(0.5) : random.int(0, 30);
    return {
      "@odata.type": `#microsoft.graph.deviceManagement${flag ? "Boolean" : "Integer"}SettingInstance`,
      id: random.guid(),
      definitionId: `deviceConfiguration--windows10EndpointProtectionConfiguration_setting${category}x${n}`,
      valueJson: JSON.stringify(value),
      value,
    };
  });
}

function intentCategories(making: Making): GraphObject[] {
  const random = making.random("categories");
  return Array.from({ length: random.int(1, 5) }, (_, n) => ({
    id: random.guid(),
    displayName: ["Firewall", "Encryption", "Account protection", "Antivirus", "Web"][n] ?? "Other",
    hasRequiredSetting: false,
    settings: intentSettings(random, random.int(1, 9), n),
  }));
}

const INTENT: Kind = {
  type: "deviceManagementIntent",
  props(making) {
    const random = making.random("intent");
    return {
      displayName: policyName(making, "Win - Baseline"),
      description: "",
      isAssigned: random.chance(0.7),
      isMigratingToConfigurationPolicy: null,
      lastModifiedDateTime: random.dateTime(),
      templateId: random.guid(),
      roleScopeTagIds: scopeTags(making, random),
    };
  },
  navigations: {
    assignments: plainAssignments,
    categories: intentCategories,
    settings: (making) => intentCategories(making).flatMap((category) => category.settings as GraphObject[]),
  },
};

const FEATURE_UPDATE: Kind = {
  type: "windowsFeatureUpdateProfile",
  props(making) {
    const { version: _, ...common } = intuneCommon(making, "Win - Feature update");
    const random = making.random("own");
    return {
      ...common,
      featureUpdateVersion: random.pick(["Windows 11, version 23H2", "Windows 11, version 24H2"]),
      rolloutSettings: {
        offerStartDateTimeInUTC: null,
        offerEndDateTimeInUTC: null,
        offerIntervalInDays: null,
      },
      deployableContentDisplayName: "Windows 11",
      endOfSupportDate: "2026-11-10T00:00:00Z",
      installLatestWindows10OnWindows11IneligibleDevice: false,
      installFeatureUpdatesOptional: random.chance(0.2),
    };
  },
  navigations: { assignments: plainAssignments },
};

const QUALITY_UPDATE: Kind = {
  type: "windowsQualityUpdateProfile",
  props(making) {
    const { version: _, ...common } = intuneCommon(making, "Win - Quality update");
    const random = making.random("own");
    return {
      ...common,
      releaseDateDisplayName: "02/11/2025 - 2025.02 B Security Updates for Windows 10 and later",
      deployableContentDisplayName: "Security update",
      expeditedUpdateSettings: {
        qualityUpdateRelease: "2025-02-11T00:00:00Z",
        daysUntilForcedReboot: random.int(0, 2),
      },
    };
  },
  navigations: { assignments: plainAssignments },
};

const DRIVER_UPDATE: Kind = {
  type: "windowsDriverUpdateProfile",
  props(making) {
    const { version: _, ...common } = intuneCommon(making, "Win - Drivers");
    const random = making.random("own");
    return {
      ...common,
      approvalType: random.pick(["automatic", "manual"]),
      deviceReporting: random.int(0, 500),
      newUpdates: random.int(0, 40),
      deploymentDeferralInDays: random.int(0, 14),
      inventorySyncStatus: {
        lastSuccessfulSyncDateTime: "2025-02-20T04:12:00Z",
        driverInventorySyncState: "success",
      },
    };
  },
  navigations: { assignments: plainAssignments },
};

export const deviceGroups: readonly Group[] = [
  { collection: "deviceManagement/deviceConfigurations", weight: 10, kinds: DEVICE_CONFIGURATIONS },
  { collection: "deviceManagement/deviceConfigurations", weight: 3, kinds: [UPDATE_RING] },
  { collection: "deviceManagement/groupPolicyConfigurations", weight: 4, kinds: [GROUP_POLICY] },
  { collection: "deviceManagement/intents", weight: 2, kinds: [INTENT] },
  { collection: "deviceManagement/windowsFeatureUpdateProfiles", weight: 2, kinds: [FEATURE_UPDATE] },
  { collection: "deviceManagement/windowsQualityUpdateProfiles", weight: 1, kinds: [QUALITY_UPDATE] },
  { collection: "deviceManagement/windowsDriverUpdateProfiles", weight: 2, kinds: [DRIVER_UPDATE] },
];
