import type { GraphObject, Json } from "../json.ts";
import type { Random } from "../random.ts";
import {
  assignments,
  base64,
  description,
  intuneCommon,
  plainAssignments,
  policyName,
  scopeTags,
  times,
} from "./common.ts";
import type { Group, Kind, Making } from "./kind.ts";
import { catalogSettings } from "./settings-catalog.ts";

function protection(making: Making, platform: string): GraphObject {
  const random = making.random("common");
  return {
    displayName: policyName(making, platform),
    description: description(random),
    ...times(random),
    roleScopeTagIds: scopeTags(making, random),
    version: `"${random.guid()}"`,
  };
}

function mobileProtection(random: Random): GraphObject {
  return {
    periodOfflineBeforeAccessCheck: "PT12H",
    periodOnlineBeforeAccessCheck: "PT30M",
    allowedInboundDataTransferSources: random.pick(["allApps", "managedApps"]),
    allowedOutboundDataTransferDestinations: random.pick(["allApps", "managedApps", "none"]),
    organizationalCredentialsRequired: false,
    allowedOutboundClipboardSharingLevel: random.pick(["managedAppsWithPasteIn", "blocked"]),
    dataBackupBlocked: random.chance(0.7),
    deviceComplianceRequired: true,
    saveAsBlocked: random.chance(0.5),
    periodOfflineBeforeWipeIsEnforced: "P90D",
    pinRequired: true,
    maximumPinRetries: 5,
    simplePinBlocked: random.chance(0.5),
    minimumPinLength: random.int(4, 8),
    pinCharacterSet: "numeric",
    isAssigned: random.chance(0.8),
    deployedAppCount: random.int(1, 60),
    targetedAppManagementLevels: "unspecified",
    appGroupType: "selectedPublicApps",
  };
}

function protectedApps(platform: "ios" | "android") {
  const key = platform === "ios" ? "bundleId" : "packageId";
  return (making: Making): Json => {
    const random = making.random("apps");
    return Array.from({ length: random.int(1, 25) }, (_, n): GraphObject => {
      const name = `com.microsoft.app${n}.${random.hex(4)}`;
      return {
        id: `${name}.${platform}`,
        version: random.hex(10),
        mobileAppIdentifier: {
          "@odata.type": `#microsoft.graph.${platform}MobileAppIdentifier`,
          [key]: name,
        },
      };
    });
  };
}

/** Lists of apps as base64 of XML. */
const appLockerFiles =
  (part: string) =>
  (making: Making): Json => {
    const random = making.random(part);
    return Array.from({ length: random.int(0, 2) }, (_, n) => ({
      id: random.guid(),
      displayName: `${part} ${n + 1}`,
      fileHash: random.hex(64),
      file: base64(`<RuleCollection Type="Exe" Id="${random.hex(6)}"/>`),
      version: random.hex(10),
    }));
  };

const APP_PROTECTION: readonly [Kind, ...Kind[]] = [
  {
    type: "iosManagedAppProtection",
    idPrefix: "T_",
    props: (making) => ({
      ...protection(making, "iOS - MAM"),
      ...mobileProtection(making.random("own")),
      appDataEncryptionType: "whenDeviceLocked",
      minimumRequiredSdkVersion: null,
      faceIdBlocked: false,
      exemptedAppProtocols: [{ name: "Default", value: "skype;app-settings;calshow;itms" }],
    }),
    navigations: { apps: protectedApps("ios"), assignments: assignments() },
  },
  {
    type: "androidManagedAppProtection",
    idPrefix: "T_",
    props: (making) => ({
      ...protection(making, "Android - MAM"),
      ...mobileProtection(making.random("own")),
      screenCaptureBlocked: true,
      encryptAppData: true,
      minimumRequiredPatchVersion: "0000-00-00",
      exemptedAppPackages: [],
    }),
    navigations: { apps: protectedApps("android"), assignments: assignments() },
  },
  {
    type: "windowsManagedAppProtection",
    idPrefix: "T_",
    props: (making) => ({
      ...protection(making, "Windows - MAM"),
      isAssigned: true,
      deployedAppCount: 1,
      printBlocked: making.random("own").chance(0.5),
      allowedInboundDataTransferSources: "none",
      allowedOutboundClipboardSharingLevel: "none",
      allowedOutboundDataTransferDestinations: "none",
      appActionIfUnableToAuthenticateUser: null,
    }),
    navigations: {
      apps: (making) => [
        {
          id: "com.microsoft.edge.windows",
          version: making.random("apps").hex(10),
          mobileAppIdentifier: {
            "@odata.type": "#microsoft.graph.windowsAppIdentifier",
            windowsAppId: "com.microsoft.edge",
          },
        },
      ],
      assignments: assignments(),
    },
  },
  {
    type: "mdmWindowsInformationProtectionPolicy",
    idPrefix: "M_",
    props: (making) => {
      const random = making.random("own");
      return {
        ...protection(making, "Windows - WIP"),
        enforcementLevel: random.pick(["noProtection", "encryptAndAuditOnly", "encryptAuditAndPrompt"]),
        enterpriseDomain: "contoso.example",
        protectionUnderLockConfigRequired: false,
        dataRecoveryCertificate: null,
        revokeOnUnenrollDisabled: false,
        enterpriseProtectedDomainNames: [{ displayName: "0", resources: ["contoso.example"] }],
        enterpriseIPRanges: [],
        protectedApps: [],
        isAssigned: random.chance(0.5),
      };
    },
    navigations: {
      assignments: assignments(),
      protectedAppLockerFiles: appLockerFiles("protected"),
      exemptAppLockerFiles: appLockerFiles("exempt"),
    },
  },
];

const MAM_CONFIGURATION: Kind = {
  type: "targetedManagedAppConfiguration",
  idPrefix: "A_",
  props(making) {
    const random = making.random("own");
    return {
      ...protection(making, "MAM - App configuration"),
      customSettings: Array.from({ length: random.int(1, 10) }, (_, n) => ({
        name: `com.microsoft.intune.mam.setting${n}`,
        value: random.hex(6),
      })),
      deployedAppCount: random.int(1, 20),
      isAssigned: random.chance(0.8),
      targetedAppManagementLevels: "unspecified",
      appGroupType: "selectedPublicApps",
    };
  },
  navigations: {
    apps: protectedApps("ios"),
    assignments: assignments(),
    // Those of Edge and of Microsoft 365 apps come from the settings catalog; not every configuration has some.
    settings(making) {
      const count = making.random("settingCount").pick([0, 3, 40]);
      return catalogSettings(making, count);
    },
  },
};

const MDM_CONFIGURATION: readonly [Kind, Kind] = [
  {
    type: "iosMobileAppConfiguration",
    props(making) {
      const random = making.random("own");
      return {
        ...intuneCommon(making, "iOS - App configuration"),
        targetedMobileApps: [random.guid()],
        encodedSettingXml: null,
        settings: Array.from({ length: random.int(1, 6) }, (_, n) => ({
          appConfigKey: `key${n}`,
          appConfigKeyType: "stringType",
          appConfigKeyValue: random.hex(8),
        })),
      };
    },
    navigations: { assignments: plainAssignments },
  },
  {
    type: "androidManagedStoreAppConfiguration",
    props(making) {
      const random = making.random("own");
      const managed = [{ key: "server", valueString: `https://${random.hex(5)}.contoso.example` }];
      return {
        ...intuneCommon(making, "AE - App configuration"),
        targetedMobileApps: [random.guid()],
        packageId: `app:com.contoso.${random.hex(4)}`,
        payloadJson: base64(
          JSON.stringify({ kind: "androidenterprise#managedConfiguration", managedProperty: managed }),
        ),
        appSupportsOemConfig: making.ordinal % 2 === 1,
        profileApplicability: "default",
        connectedAppsEnabled: false,
        permissionActions: [],
      };
    },
    navigations: { assignments: plainAssignments },
  },
];

const apps = "deviceAppManagement/mobileApps";

/** What the n-th Windows app needs and replaces; the apps at the other end list the same as from parents. */
function related(making: Making): { counts: GraphObject; relationships: Json } | undefined {
  if (making.ordinal % APPS.length !== 0) return undefined;
  const turn = making.ordinal / APPS.length;
  const other = making.world.idIn(apps, making.ordinal + APPS.length) ?? making.id;
  const random = making.random("relationships");
  const common = (targetType: string, n: number) => ({
    id: `${making.id}_${other}_${n}`,
    targetId: other,
    targetDisplayName: `App ${random.hex(4)}`,
    targetDisplayVersion: "1.0",
    targetPublisher: "Contoso IT",
    targetType,
  });
  const dependency = {
    "@odata.type": "#microsoft.graph.mobileAppDependency",
    ...common("child", 0),
    dependencyType: "autoInstall",
  };
  const superseded = {
    "@odata.type": "#microsoft.graph.mobileAppSupersedence",
    ...common("parent", 1),
    supersedenceType: "update",
  };
  if (turn % 3 === 0) return { counts: { dependentAppCount: 1 }, relationships: [dependency] };
  if (turn % 3 === 1) {
    return {
      counts: { dependentAppCount: 1, supersedingAppCount: 1 },
      relationships: [dependency, superseded],
    };
  }
  return undefined;
}

function app(type: string, platform: string, own: (random: Random) => GraphObject): Kind {
  return {
    type,
    props(making) {
      const { version: _, ...common } = intuneCommon(making, platform);
      const random = making.random("app");
      return {
        ...common,
        publisher: random.pick(["Microsoft", "Contoso IT", "Adobe", "7-Zip", "Mozilla"]),
        largeIcon: random.chance(0.5) ? { type: "image/png", value: base64(random.hex(200)) } : null,
        isFeatured: random.chance(0.1),
        privacyInformationUrl: null,
        informationUrl: null,
        owner: "",
        developer: "",
        notes: "",
        publishingState: "published",
        isAssigned: random.chance(0.7),
        dependentAppCount: 0,
        supersedingAppCount: 0,
        supersededAppCount: 0,
        uploadState: 1,
        ...related(making)?.counts,
        ...own(making.random("own")),
      };
    },
    navigations: {
      relationships: (making) => related(making)?.relationships ?? null,
      assignments: assignments((random) => ({
        intent: random.pick(["required", "available", "uninstall"]),
        settings: null,
      })),
      categories: (making) => {
        const random = making.random("categories");
        return Array.from({ length: random.int(0, 2) }, (_, n) => ({
          id: making.world.groupId(100 + n),
          displayName: ["Productivity", "Business"][n] ?? "Other",
          lastModifiedDateTime: "0001-01-01T00:00:00Z",
        }));
      },
    },
  };
}

const APPS: readonly [Kind, ...Kind[]] = [
  app("win32LobApp", "Win - App", (random) => ({
    committedContentVersion: "1",
    fileName: "setup.intunewin",
    size: random.int(100_000, 90_000_000),
    installCommandLine: "setup.exe /S",
    uninstallCommandLine: "uninstall.exe /S",
    applicableArchitectures: "x64",
    minimumSupportedWindowsRelease: "21H2",
    rules: [
      {
        "@odata.type": "#microsoft.graph.win32LobAppFileSystemRule",
        ruleType: "detection",
        path: "C:\\Program Files\\Contoso",
        fileOrFolderName: `${random.hex(4)}.exe`,
        check32BitOn64System: false,
        operationType: "exists",
        operator: "notConfigured",
        comparisonValue: null,
      },
    ],
    installExperience: { runAsAccount: "system", deviceRestartBehavior: "suppress" },
    returnCodes: [{ returnCode: 0, type: "success" }],
    setupFilePath: "setup.exe",
  })),
  app("iosStoreApp", "iOS - App", (random) => ({
    bundleId: `com.contoso.${random.hex(5)}`,
    appStoreUrl: `https://apps.apple.com/app/id${random.int(100_000_000, 999_999_999)}`,
    applicableDeviceType: { iPad: true, iPhoneAndIPod: true },
    minimumSupportedOperatingSystem: { v15_0: true },
  })),
  app("winGetApp", "Win - Store", (random) => ({
    packageIdentifier: random.hex(12).toUpperCase(),
    manifestHash: null,
    installExperience: { runAsAccount: "user" },
  })),
  app("webApp", "Web link", (random) => ({
    appUrl: `https://${random.hex(6)}.contoso.example`,
    useManagedBrowser: random.chance(0.5),
  })),
  app("androidManagedStoreApp", "AE - App", (random) => ({
    packageId: `com.contoso.${random.hex(5)}`,
    appIdentifier: `app:com.contoso.${random.hex(5)}`,
    usedLicenseCount: 0,
    totalLicenseCount: 0,
    appStoreUrl: "https://play.google.com/store/apps/details",
    isPrivate: false,
    isSystemApp: false,
  })),
  app("officeSuiteApp", "Win - Microsoft 365 Apps", (random) => ({
    autoAcceptEula: true,
    productIds: ["o365ProPlusRetail"],
    excludedApps: { access: true, bing: true, groove: true, teams: random.chance(0.5) },
    useSharedComputerActivation: false,
    updateChannel: random.pick(["current", "monthlyEnterprise"]),
    officePlatformArchitecture: "x64",
    localesToInstall: ["de-de", "en-us"],
    shouldUninstallOlderVersionsOfOffice: true,
  })),
];

/** The store apps that Microsoft lists in every tenant, whether anybody wants them or not. */
const globalApp = (type: string, label: string, own: (random: Random) => GraphObject) =>
  app(type, label, (random) => ({
    appAvailability: "global",
    version: `${random.int(1, 9)}.0`,
    isAssigned: false,
    ...own(random),
  }));

const BUILT_IN: readonly [Kind, ...Kind[]] = [
  globalApp("managedIOSStoreApp", "iOS - Built-in", (random) => ({
    bundleId: `com.microsoft.${random.hex(5)}`,
    appStoreUrl: `https://apps.apple.com/app/id${random.int(100_000_000, 999_999_999)}`,
    applicableDeviceType: { iPad: true, iPhoneAndIPod: true },
  })),
  globalApp("managedAndroidStoreApp", "Android - Built-in", (random) => ({
    packageId: `com.microsoft.${random.hex(5)}`,
    appStoreUrl: "https://play.google.com/store/apps/details",
  })),
];

const POLICY_SET: Kind = {
  type: "policySet",
  props(making) {
    const { version: _, roleScopeTagIds, ...common } = intuneCommon(making, "Policy set");
    return {
      ...common,
      status: "notAssigned",
      errorCode: "noError",
      guidedDeploymentTags: [],
      roleScopeTags: roleScopeTagIds ?? [],
    };
  },
  navigations: {
    items(making) {
      const random = making.random("items");
      return Array.from({ length: random.int(1, 6) }, () => {
        const payloadId = making.world.idIn("deviceManagement/deviceConfigurations", random.int(0, 999));
        return {
          "@odata.type": "#microsoft.graph.deviceConfigurationPolicySetItem",
          id: random.guid(),
          ...times(random),
          payloadId: payloadId ?? random.guid(),
          itemType: "#microsoft.graph.windows10GeneralConfiguration",
          displayName: `Item ${random.hex(3)}`,
          status: "unknown",
          errorCode: "noError",
          guidedDeploymentTags: [],
        };
      });
    },
    assignments(making) {
      const random = making.random("assignments");
      return Array.from({ length: random.int(0, 2) }, (_, n) => ({
        id: random.guid(),
        lastModifiedDateTime: random.dateTime(),
        target: {
          "@odata.type": "#microsoft.graph.groupAssignmentTarget",
          groupId: making.world.groupId(random.int(0, 9) * 4 + n),
        },
      }));
    },
  },
};

const policies = "deviceAppManagement/managedAppPolicies";

export const appGroups: readonly Group[] = [
  { collection: policies, weight: 5, kinds: APP_PROTECTION },
  { collection: policies, weight: 2, kinds: [MAM_CONFIGURATION] },
  { collection: "deviceAppManagement/mobileAppConfigurations", weight: 3, kinds: MDM_CONFIGURATION },
  { collection: apps, weight: 12, kinds: APPS },
  { collection: apps, few: 12, kinds: BUILT_IN },
  { collection: "deviceAppManagement/policySets", weight: 2, kinds: [POLICY_SET] },
];
