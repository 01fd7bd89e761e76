/**
 * What Graph takes for each collection, written from Microsoft's API reference and from what the tools of others met;
 * it shares nothing with the product's own rules on purpose: a wrong body there must be refused here.
 */

const CONFIGURATION = ["DeviceManagementConfiguration.ReadWrite.All"];
const SCRIPTS = ["DeviceManagementScripts.ReadWrite.All"];
const APPS = ["DeviceManagementApps.ReadWrite.All"];
const SERVICE = ["DeviceManagementServiceConfig.ReadWrite.All"];
const RBAC = ["DeviceManagementRBAC.ReadWrite.All"];
const CONDITIONAL_ACCESS = ["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Application.Read.All"];
const METHODS = ["Policy.ReadWrite.AuthenticationMethod"];

export interface WriteSpec {
  /** Application permissions, all of them. */
  permissions: readonly string[];
  /** POST to the collection. */
  create?: {
    /** Navigation properties taken inside the body. */
    inline?: readonly string[];
    /** Root properties without which it is refused. */
    required?: readonly string[];
    /** All that it takes at the root; left out: everything that is not refused otherwise. */
    takes?: readonly string[];
    /** Only these of the types are made without a file. */
    only?: readonly string[];
    /** What Graph sets by itself. */
    sets?: Readonly<Record<string, null | boolean | number | string | readonly string[]>>;
    idPrefix?: Readonly<Record<string, string>>;
    idSuffix?: Readonly<Record<string, string>>;
    numberedIds?: true;
  };
  /** Methods that change an object; PUT replaces it. */
  update: readonly ("PATCH" | "PUT")[];
  /** All that PATCH takes; left out: everything that is not refused otherwise. */
  patchable?: readonly string[];
  /** Refused beside what Microsoft's comments call read-only. */
  readOnly?: readonly string[];
  /** Refused by PATCH, taken when an object is made. */
  notByPatch?: readonly string[];
  /** Refused when an object is made, taken by PATCH. */
  notByPost?: readonly string[];
  /** Taken only with the value that the object has. */
  fixed?: readonly string[];
  assign?: { key: string; cast?: string };
  /** Children made one by one, and changed by id. */
  children?: readonly string[];
  actions?: readonly string[];
  /** Whether all devices can be assigned to. */
  noAllDevices?: true;
  /** Answers 204 where Intune answers with the object. */
  silent?: true;
}

const script = (key: string): WriteSpec => ({
  permissions: SCRIPTS,
  create: {},
  update: ["PATCH"],
  assign: { key },
});

const managedApp: WriteSpec = {
  permissions: APPS,
  create: {
    sets: { deployedAppCount: 0, isAssigned: false },
    idPrefix: {
      iosManagedAppProtection: "T_",
      androidManagedAppProtection: "T_",
      windowsManagedAppProtection: "T_",
      defaultManagedAppProtection: "T_",
      mdmWindowsInformationProtectionPolicy: "M_",
      windowsInformationProtectionPolicy: "M_",
      targetedManagedAppConfiguration: "A_",
    },
  },
  update: ["PATCH"],
  // Sent back by IntuneCD and others, and refused: microsoftgraph/powershell-intune-samples#67 for the group of apps.
  readOnly: ["deployedAppCount", "isAssigned"],
  notByPatch: ["appGroupType"],
  assign: { key: "assignments" },
  actions: ["targetApps", "changeSettings"],
  noAllDevices: true,
};

const update = (
  fixed: readonly string[],
  sets: NonNullable<WriteSpec["create"]>["sets"] = {},
): WriteSpec => ({
  permissions: CONFIGURATION,
  create: { sets },
  update: ["PATCH"],
  readOnly: Object.keys(sets),
  notByPatch: fixed,
  assign: { key: "assignments" },
});

const DM = "deviceManagement";
const AM = "deviceAppManagement";

const suffixes: Readonly<Record<string, string>> = {
  deviceEnrollmentLimitConfiguration: "_Limit",
  deviceEnrollmentNotificationConfiguration: "_EnrollmentNotificationsConfiguration",
  deviceEnrollmentPlatformRestrictionConfiguration: "_SinglePlatformRestriction",
  windows10EnrollmentCompletionPageConfiguration: "_Windows10EnrollmentCompletionPageConfiguration",
  deviceEnrollmentWindowsHelloForBusinessConfiguration: "_WindowsHelloForBusiness",
};

const specs: Readonly<Record<string, WriteSpec>> = {
  // Settings go by PUT, which the reference does not tell: PATCH takes the rest alone (Azure terraform-provider-msgraph#36).
  [`${DM}/configurationPolicies`]: {
    permissions: CONFIGURATION,
    create: {
      inline: ["settings"],
      required: ["name", "platforms", "technologies"],
      sets: { creationSource: null, priorityMetaData: null, isAssigned: false },
    },
    update: ["PATCH", "PUT"],
    patchable: ["name", "description", "roleScopeTagIds"],
    readOnly: ["settingCount", "creationSource", "priorityMetaData", "isAssigned"],
    fixed: ["platforms", "technologies", "templateReference"],
    assign: { key: "assignments" },
    actions: ["setEnrollmentTimeDeviceMembershipTarget"],
  },
  [`${DM}/deviceConfigurations`]: {
    permissions: CONFIGURATION,
    create: { required: ["displayName"], sets: { supportsScopeTags: true } },
    update: ["PATCH"],
    assign: { key: "assignments" },
    actions: ["windowsPrivacyAccessControls", "$ref"],
  },
  [`${DM}/groupPolicyConfigurations`]: {
    permissions: CONFIGURATION,
    create: { required: ["displayName"], sets: { policyConfigurationIngestionType: "builtIn" } },
    update: ["PATCH"],
    readOnly: ["policyConfigurationIngestionType"],
    assign: { key: "assignments" },
    actions: ["updateDefinitionValues"],
  },
  [`${DM}/deviceCompliancePolicies`]: {
    permissions: CONFIGURATION,
    // microsoftgraph/microsoft-graph-docs#4103 and #7746: without a block action it is refused.
    create: { inline: ["scheduledActionsForRule"], required: ["displayName", "scheduledActionsForRule"] },
    update: ["PATCH"],
    notByPatch: ["scheduledActionsForRule"],
    assign: { key: "assignments" },
    actions: ["scheduleActionsForRules"],
  },
  [`${DM}/compliancePolicies`]: {
    permissions: CONFIGURATION,
    create: {
      inline: ["settings"],
      required: ["name", "platforms", "technologies"],
      sets: { creationSource: null, isAssigned: false },
    },
    update: ["PATCH", "PUT"],
    patchable: ["name", "description", "roleScopeTagIds"],
    readOnly: ["settingCount", "creationSource", "isAssigned"],
    fixed: ["platforms", "technologies"],
    assign: { key: "assignments" },
    actions: ["setScheduledActions"],
  },
  [`${DM}/intents`]: {
    permissions: CONFIGURATION,
    update: ["PATCH"],
    patchable: ["displayName", "description", "roleScopeTagIds"],
    assign: { key: "assignments" },
    actions: ["updateSettings", "createInstance"],
  },
  [`${DM}/windowsFeatureUpdateProfiles`]: update(["installLatestWindows10OnWindows11IneligibleDevice"], {
    deployableContentDisplayName: "Windows 11",
    endOfSupportDate: "2026-11-10T00:00:00Z",
  }),
  [`${DM}/windowsQualityUpdateProfiles`]: update([], {
    releaseDateDisplayName: "02/11/2025 - 2025.02 B Security Updates for Windows 10 and later",
    deployableContentDisplayName: "Security update",
  }),
  [`${DM}/windowsDriverUpdateProfiles`]: update(["approvalType"], {
    newUpdates: 0,
    deviceReporting: 0,
    inventorySyncStatus: null,
  }),
  [`${DM}/deviceManagementScripts`]: script("deviceManagementScriptAssignments"),
  [`${DM}/deviceShellScripts`]: script("deviceManagementScriptAssignments"),
  [`${DM}/deviceCustomAttributeShellScripts`]: {
    ...script("deviceManagementScriptAssignments"),
    notByPatch: ["customAttributeName", "customAttributeType", "displayName"],
  },
  [`${DM}/deviceHealthScripts`]: {
    ...script("deviceHealthScriptAssignments"),
    create: {
      sets: {
        isGlobalScript: false,
        highestAvailableVersion: null,
        version: "1",
        deviceHealthScriptType: "deviceHealthScript",
      },
    },
    readOnly: ["version", "isGlobalScript", "highestAvailableVersion", "deviceHealthScriptType"],
  },
  [`${DM}/deviceComplianceScripts`]: {
    permissions: SCRIPTS,
    create: { sets: { version: "1" } },
    update: ["PATCH"],
    readOnly: ["version", "isGlobalScript"],
  },
  [`${DM}/windowsAutopilotDeploymentProfiles`]: {
    permissions: SERVICE,
    create: {},
    update: ["PATCH"],
    notByPatch: ["managementServiceAppId"],
    children: ["assignments"],
    actions: ["$ref"],
  },
  [`${DM}/deviceEnrollmentConfigurations`]: {
    permissions: SERVICE,
    create: { idSuffix: suffixes },
    update: ["PATCH"],
    readOnly: ["priority", "deviceEnrollmentConfigurationType"],
    notByPatch: ["platformType", "templateType"],
    assign: { key: "enrollmentConfigurationAssignments" },
    actions: ["setPriority"],
  },
  [`${AM}/managedAppPolicies`]: { ...managedApp, create: { only: [] } },
  [`${AM}/iosManagedAppProtections`]: managedApp,
  [`${AM}/androidManagedAppProtections`]: managedApp,
  [`${AM}/windowsManagedAppProtections`]: managedApp,
  [`${AM}/defaultManagedAppProtections`]: managedApp,
  [`${AM}/mdmWindowsInformationProtectionPolicies`]: managedApp,
  [`${AM}/windowsInformationProtectionPolicies`]: managedApp,
  [`${AM}/targetedManagedAppConfigurations`]: managedApp,
  [`${AM}/mobileAppConfigurations`]: {
    permissions: APPS,
    create: { required: ["targetedMobileApps"], sets: { appSupportsOemConfig: false } },
    update: ["PATCH"],
    notByPatch: ["targetedMobileApps"],
    // Under the type's own name alone, as IntuneManagement calls it.
    assign: { key: "assignments", cast: "managedDeviceMobileAppConfiguration" },
  },
  [`${AM}/mobileApps`]: {
    permissions: APPS,
    create: {
      // The others need a file, which nobody can read back.
      only: [
        "androidStoreApp",
        "iosStoreApp",
        "iosiPadOSWebClip",
        "macOSMicrosoftDefenderApp",
        "macOSMicrosoftEdgeApp",
        "macOSOfficeSuiteApp",
        "officeSuiteApp",
        "webApp",
        "winGetApp",
        "windowsMicrosoftEdgeApp",
        "windowsWebApp",
      ],
      sets: {
        publishingState: "published",
        uploadState: 1,
        isAssigned: false,
        dependentAppCount: 0,
        supersedingAppCount: 0,
        supersededAppCount: 0,
      },
    },
    update: ["PATCH"],
    readOnly: ["committedContentVersion", "size", "manifestHash"],
    notByPatch: ["bundleId", "appStoreUrl", "packageIdentifier"],
    assign: { key: "mobileAppAssignments" },
  },
  [`${AM}/policySets`]: {
    permissions: CONFIGURATION,
    create: { inline: ["items", "assignments"], sets: { status: "notAssigned", errorCode: "noError" } },
    update: ["PATCH"],
    readOnly: ["status", "errorCode"],
    notByPatch: ["items", "assignments"],
    actions: ["update"],
    noAllDevices: true,
  },
  [`${DM}/assignmentFilters`]: {
    permissions: CONFIGURATION,
    create: { required: ["displayName", "platform", "rule"], sets: { payloads: [] } },
    update: ["PATCH"],
    readOnly: ["payloads"],
    notByPatch: ["platform", "assignmentFilterManagementType"],
  },
  [`${DM}/roleScopeTags`]: {
    permissions: RBAC,
    create: { numberedIds: true, sets: { isBuiltIn: false } },
    update: ["PATCH"],
    assign: { key: "assignments" },
  },
  [`${DM}/roleDefinitions`]: {
    permissions: RBAC,
    create: { required: ["displayName"], sets: { isBuiltIn: false, isBuiltInRoleDefinition: false } },
    update: ["PATCH"],
    readOnly: ["isBuiltIn", "isBuiltInRoleDefinition", "permissions"],
  },
  [`${DM}/roleAssignments`]: { permissions: RBAC, create: { inline: [] }, update: ["PATCH"] },
  [`${DM}/notificationMessageTemplates`]: {
    permissions: SERVICE,
    create: { sets: { defaultLocale: null } },
    update: ["PATCH"],
    // jseerden/IntuneBackupAndRestore#94: the first message tells which language is the default.
    notByPost: ["defaultLocale"],
    children: ["localizedNotificationMessages"],
  },
  [`${DM}/termsAndConditions`]: {
    permissions: SERVICE,
    create: { sets: { version: 1 } },
    update: ["PATCH"],
    readOnly: ["version", "modifiedDateTime"],
    children: ["assignments"],
  },
  [`${DM}/reusablePolicySettings`]: {
    permissions: CONFIGURATION,
    create: { sets: { version: 1, referencingConfigurationPolicyCount: 0 } },
    update: ["PATCH", "PUT"],
    fixed: ["settingDefinitionId"],
  },
  [`${DM}/deviceCategories`]: { permissions: CONFIGURATION, create: {}, update: ["PATCH"] },
  [`${DM}/intuneBrandingProfiles`]: {
    permissions: APPS,
    // Micke-K/IntuneManagement makes one from its names and scope tags, and sends the rest by PATCH.
    create: {
      takes: [
        "profileName",
        "profileDescription",
        "displayName",
        "roleScopeTagIds",
        "disableClientTelemetry",
      ],
      sets: { isDefaultProfile: false },
    },
    update: ["PATCH"],
    readOnly: ["isDefaultProfile"],
    notByPatch: ["disableClientTelemetry"],
    assign: { key: "assignments" },
  },
  "identity/conditionalAccess/policies": {
    permissions: CONDITIONAL_ACCESS,
    create: { required: ["displayName", "state", "conditions"], sets: { templateId: null } },
    update: ["PATCH"],
    readOnly: ["templateId", "deletedDateTime"],
    silent: true,
  },
  "identity/conditionalAccess/namedLocations": {
    permissions: CONDITIONAL_ACCESS,
    create: { required: ["displayName"] },
    update: ["PATCH"],
    silent: true,
  },
  "policies/authenticationStrengthPolicies": {
    permissions: METHODS,
    create: {
      required: ["displayName", "allowedCombinations"],
      sets: { policyType: "custom", requirementsSatisfied: "mfa" },
    },
    update: ["PATCH"],
    readOnly: ["policyType", "requirementsSatisfied"],
    notByPatch: ["allowedCombinations"],
    children: ["combinationConfigurations"],
    actions: ["updateAllowedCombinations"],
    silent: true,
  },
  "policies/authenticationMethodsPolicy": {
    permissions: METHODS,
    update: ["PATCH"],
    readOnly: ["policyVersion", "lastModifiedDateTime"],
    silent: true,
  },
  "policies/authorizationPolicy": {
    permissions: ["Policy.ReadWrite.Authorization"],
    update: ["PATCH"],
    silent: true,
  },
  "policies/identitySecurityDefaultsEnforcementPolicy": {
    permissions: ["Policy.ReadWrite.SecurityDefaults"],
    update: ["PATCH"],
    patchable: ["isEnabled"],
    silent: true,
  },
};

/** The application permissions that write everything that can be written here. */
export const WRITE_PERMISSIONS: readonly string[] = [
  ...new Set(Object.values(specs).flatMap(({ permissions }) => permissions)),
];

/** What Graph takes for a collection; undefined for one that the sandbox serves for reading alone. */
export function writeSpecOf(path: string): WriteSpec | undefined {
  return Object.hasOwn(specs, path) ? specs[path] : undefined;
}
