import { assignments, intuneCommon } from "./common.ts";
import { kindOf } from "./from-schema.ts";
import type { Group, Kind } from "./kind.ts";

const AUTOPILOT: Kind = {
  type: "azureADWindowsAutopilotDeploymentProfile",
  props(making) {
    const { version: _, ...common } = intuneCommon(making, "Win - Autopilot");
    const random = making.random("own");
    return {
      ...common,
      language: random.pick(["os-default", "de-DE", "en-US"]),
      locale: random.pick(["os-default", "de-DE", "en-US"]),
      preprovisioningAllowed: random.chance(0.5),
      hardwareHashExtractionEnabled: true,
      deviceNameTemplate: random.pick(["", "CON-%SERIAL%", "W11-%RAND:6%"]),
      deviceType: "windowsPc",
      outOfBoxExperienceSetting: {
        privacySettingsHidden: true,
        eulaHidden: true,
        userType: random.pick(["standard", "administrator"]),
        deviceUsageType: random.pick(["singleUser", "shared"]),
        keyboardSelectionPageSkipped: true,
        escapeLinkHidden: true,
      },
      enrollmentStatusScreenSettings: null,
      managementServiceAppId: null,
    };
  },
  navigations: { assignments: assignments() },
};

/** Enrollment configurations carry their kind in the id. */
function enrollment(type: string, suffix: string, name: string, own: Kind["props"]): Kind {
  return {
    type,
    idSuffix: `_${suffix}`,
    props: (making) => ({
      ...intuneCommon(making, name),
      priority: making.ordinal,
      deviceEnrollmentConfigurationType: suffix.charAt(0).toLowerCase() + suffix.slice(1),
      ...own(making),
    }),
    navigations: { assignments: assignments() },
  };
}

const platform = (blocked: boolean) => ({
  platformBlocked: blocked,
  personalDeviceEnrollmentBlocked: blocked,
  osMinimumVersion: "",
  osMaximumVersion: "",
  blockedManufacturers: [],
  blockedSkus: [],
});

const RESTRICTIONS: readonly [Kind, Kind] = [
  enrollment(
    "deviceEnrollmentPlatformRestrictionConfiguration",
    "SinglePlatformRestriction",
    "Enrollment restriction",
    (making) => {
      const random = making.random("own");
      return {
        platformType: random.pick(["windows", "ios", "android", "mac"]),
        platformRestriction: platform(random.chance(0.5)),
      };
    },
  ),
  enrollment(
    "deviceEnrollmentPlatformRestrictionsConfiguration",
    "DefaultPlatformRestrictions",
    "All users and all devices",
    (making) => {
      const random = making.random("own");
      return {
        iosRestriction: platform(false),
        windowsRestriction: platform(random.chance(0.3)),
        windowsMobileRestriction: platform(true),
        androidRestriction: platform(random.chance(0.5)),
        androidForWorkRestriction: platform(false),
        macRestriction: platform(false),
        macOSRestriction: platform(false),
      };
    },
  ),
];

const STATUS_PAGE = enrollment(
  "windows10EnrollmentCompletionPageConfiguration",
  "Windows10EnrollmentCompletionPageConfiguration",
  "Win - ESP",
  (making) => {
    const random = making.random("own");
    return {
      showInstallationProgress: true,
      blockDeviceSetupRetryByUser: random.chance(0.5),
      allowDeviceResetOnInstallFailure: true,
      allowLogCollectionOnInstallFailure: true,
      customErrorMessage: "Setup could not be completed. Please contact IT: +49 30 000000",
      installProgressTimeoutInMinutes: random.pick([60, 90, 120]),
      allowDeviceUseOnInstallFailure: random.chance(0.3),
      selectedMobileAppIds: [],
      trackInstallProgressForAutopilotOnly: true,
      disableUserStatusTrackingAfterFirstUser: true,
    };
  },
);

const LIMIT = enrollment("deviceEnrollmentLimitConfiguration", "Limit", "Device limit", (making) => ({
  limit: making.random("own").int(1, 15),
}));

const NOTIFICATION = enrollment(
  "deviceEnrollmentNotificationConfiguration",
  "EnrollmentNotificationsConfiguration",
  "Enrollment notification",
  (making) => {
    const random = making.random("own");
    return {
      platformType: random.pick(["windows", "ios", "android"]),
      templateType: random.pick(["email", "push"]),
      notificationMessageTemplateId: random.guid(),
      notificationTemplates: [`email_${random.guid()}`, `push_${random.guid()}`],
      brandingOptions: "none",
      defaultLocale: "en-us",
    };
  },
);

/** Beside the kinds that every tenant has. */
const rarer = (type: string, suffix: string, label: string) =>
  kindOf(type, label, {
    idSuffix: `_${suffix}`,
    own: (making) => ({
      priority: making.ordinal,
      deviceEnrollmentConfigurationType: suffix.charAt(0).toLowerCase() + suffix.slice(1),
    }),
  });

const RARER: readonly [Kind, ...Kind[]] = [
  rarer(
    "deviceEnrollmentWindowsHelloForBusinessConfiguration",
    "WindowsHelloForBusiness",
    "Windows Hello for Business",
  ),
  rarer(
    "deviceComanagementAuthorityConfiguration",
    "DeviceComanagementAuthorityConfiguration",
    "Co-management",
  ),
  rarer("windowsRestoreDeviceEnrollmentConfiguration", "WindowsRestore", "Windows Backup"),
];

const HYBRID = kindOf("activeDirectoryWindowsAutopilotDeploymentProfile", "Win - Autopilot hybrid", {
  navigations: {
    domainJoinConfiguration: (making) =>
      making.world.oneOf(
        "deviceManagement/deviceConfigurations",
        (type) => type === "windowsDomainJoinConfiguration",
        making.ordinal,
      ) ?? null,
  },
});

const collection = "deviceManagement/deviceEnrollmentConfigurations";

export const enrollmentGroups: readonly Group[] = [
  { collection: "deviceManagement/windowsAutopilotDeploymentProfiles", weight: 2, kinds: [AUTOPILOT] },
  { collection, weight: 2, kinds: RESTRICTIONS },
  { collection, weight: 1, kinds: [STATUS_PAGE] },
  { collection, weight: 1, kinds: [LIMIT] },
  { collection, weight: 1, kinds: [NOTIFICATION] },
  { collection, few: 4, kinds: RARER },
  { collection: "deviceManagement/windowsAutopilotDeploymentProfiles", few: 1, kinds: [HYBRID] },
];
