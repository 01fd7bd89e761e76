/**
 * Which collections the sandbox serves, written from Microsoft's API reference and metadata. It shares nothing
 * with the product's policy catalog on purpose: a wrong path there must fail here.
 */

import type { CollectionSpec, NavigationSpec, Navigations, Version } from "./collection-spec.ts";
import { handfulCollections } from "./collections-handful.ts";
import { REFERENCES } from "./device-references.ts";

export type { CollectionSpec, Family, NavigationSpec, Navigations, Version } from "./collection-spec.ts";

const CONFIGURATION = ["DeviceManagementConfiguration.Read.All"];
const SERVICE = ["DeviceManagementServiceConfig.Read.All"];
const APPS = ["DeviceManagementApps.Read.All"];
const RBAC = ["DeviceManagementRBAC.Read.All"];
const SCRIPTS = ["DeviceManagementScripts.Read.All"];
const POLICY = ["Policy.Read.All"];
/** Of Entra's audit log; Intune's is read with {@link APPS}. */
const AUDIT = ["AuditLog.Read.All"];

/** Least first: a group's names, then more of it. */
const GROUP_DETAILS = ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"];
const GROUPS = ["Group.ReadBasic.All", ...GROUP_DETAILS];
const USERS = ["User.ReadBasic.All", "User.Read.All", "Directory.Read.All"];
const APPLICATIONS = ["Application.Read.All", "Directory.Read.All"];
const ROLES = ["RoleManagement.Read.Directory", "Directory.Read.All"];

const ALL_PERMISSIONS: readonly string[] = [
  ...CONFIGURATION,
  ...SERVICE,
  ...APPS,
  ...RBAC,
  ...SCRIPTS,
  ...POLICY,
  ...AUDIT,
  "Group.ReadBasic.All",
  "GroupMember.Read.All",
  "User.ReadBasic.All",
  "Application.Read.All",
  "RoleManagement.Read.Directory",
  ...new Set(handfulCollections.flatMap(({ permissions }) => permissions.slice(0, 1))),
];

/** The application permissions that read everything the sandbox serves. */
export const READ_PERMISSIONS: readonly string[] = [...new Set(ALL_PERMISSIONS)];

/** Whether the roles of a token hold a permission, in its Read or its ReadWrite form. */
export function granted(permission: string, roles: readonly string[]): boolean {
  return roles.includes(permission) || roles.includes(permission.replace(".Read.", ".ReadWrite."));
}

const BETA: readonly Version[] = ["beta"];
const BOTH: readonly Version[] = ["v1.0", "beta"];

const child: NavigationSpec = { expand: "anywhere" };
const image: NavigationSpec = { expand: "never", single: true, property: true };
const assigned: Navigations = { assignments: child };
const scheduledActions: NavigationSpec = {
  expand: "anywhere",
  navigations: { scheduledActionConfigurations: child },
};
/** 25 a page, and never part of a list (trap of every backup tool that read only the first page). */
const settings: NavigationSpec = { pageSize: 25, expand: "item" };

type Shape = Partial<Omit<CollectionSpec, "path" | "versions" | "permissions" | "types">>;

function intune(
  path: string,
  versions: readonly Version[],
  permissions: readonly string[],
  types: readonly string[],
  shape: Shape = {},
): CollectionSpec {
  return { path, versions, family: "intune", permissions, types, pageSize: 100, navigations: {}, ...shape };
}

/** Objects of the directory, for the names behind the ids in policies. */
function directory(
  path: string,
  permissions: readonly string[],
  type: string,
  shape: Pick<CollectionSpec, "guarded"> = {},
): CollectionSpec {
  return {
    path,
    versions: BOTH,
    family: "directory",
    permissions,
    types: [type],
    pageSize: 100,
    navigations: {},
    namesOnly: true,
    ...shape,
  };
}

const DM = "deviceManagement";
const AM = "deviceAppManagement";
const MANAGED_APP_POLICIES = `${AM}/managedAppPolicies`;
const managedApp: Navigations = { apps: child, assignments: child };
const protectedWindows: Navigations = {
  assignments: child,
  protectedAppLockerFiles: child,
  exemptAppLockerFiles: child,
};

export const COLLECTIONS: readonly CollectionSpec[] = [
  intune(
    `${DM}/deviceConfigurations`,
    BOTH,
    CONFIGURATION,
    [
      "deviceConfiguration",
      "androidCustomConfiguration",
      "androidDeviceOwnerEnterpriseWiFiConfiguration",
      "androidDeviceOwnerGeneralDeviceConfiguration",
      "androidDeviceOwnerScepCertificateProfile",
      "androidDeviceOwnerTrustedRootCertificate",
      "androidDeviceOwnerVpnConfiguration",
      "androidGeneralDeviceConfiguration",
      "androidWorkProfileEnterpriseWiFiConfiguration",
      "androidWorkProfileGeneralDeviceConfiguration",
      "androidWorkProfileScepCertificateProfile",
      "androidWorkProfileTrustedRootCertificate",
      "editionUpgradeConfiguration",
      "iosCustomConfiguration",
      "iosDerivedCredentialAuthenticationConfiguration",
      "iosDeviceFeaturesConfiguration",
      "iosEasEmailProfileConfiguration",
      "iosEnterpriseWiFiConfiguration",
      "iosGeneralDeviceConfiguration",
      "iosPkcsCertificateProfile",
      "iosScepCertificateProfile",
      "iosTrustedRootCertificate",
      "iosUpdateConfiguration",
      "iosVpnConfiguration",
      "iosWiFiConfiguration",
      "macOSCustomConfiguration",
      "macOSDeviceFeaturesConfiguration",
      "macOSEndpointProtectionConfiguration",
      "macOSEnterpriseWiFiConfiguration",
      "macOSExtensionsConfiguration",
      "macOSGeneralDeviceConfiguration",
      "macOSScepCertificateProfile",
      "macOSSoftwareUpdateConfiguration",
      "macOSTrustedRootCertificate",
      "macOSVpnConfiguration",
      "macOSWiredNetworkConfiguration",
      "sharedPCConfiguration",
      "windows10CustomConfiguration",
      "windows10EndpointProtectionConfiguration",
      "windows10GeneralConfiguration",
      "windows10PkcsCertificateProfile",
      "windows10TeamGeneralConfiguration",
      "windows10VpnConfiguration",
      "windows81GeneralConfiguration",
      "windows81SCEPCertificateProfile",
      "windows81TrustedRootCertificate",
      "windowsDefenderAdvancedThreatProtectionConfiguration",
      "windowsDeliveryOptimizationConfiguration",
      "windowsDomainJoinConfiguration",
      "windowsHealthMonitoringConfiguration",
      "windowsIdentityProtectionConfiguration",
      "windowsKioskConfiguration",
      "windowsUpdateForBusinessConfiguration",
      "windowsWifiConfiguration",
      "windowsWifiEnterpriseEAPConfiguration",
      "windowsWiredNetworkConfiguration",
    ],
    { navigations: { ...assigned, ...REFERENCES }, pageSize: 1000 },
  ),
  intune(`${DM}/groupPolicyConfigurations`, BETA, CONFIGURATION, ["groupPolicyConfiguration"], {
    navigations: {
      assignments: child,
      definitionValues: {
        expand: "item",
        pageSize: 100,
        navigations: {
          definition: { expand: "anywhere", single: true },
          presentationValues: {
            expand: "anywhere",
            navigations: { presentation: { expand: "anywhere", single: true } },
          },
        },
      },
    },
  }),
  intune(`${DM}/configurationPolicies`, BETA, CONFIGURATION, ["deviceManagementConfigurationPolicy"], {
    navigations: {
      settings,
      assignments: child,
      retrieveEnrollmentTimeDeviceMembershipTarget: {
        expand: "never",
        single: true,
        sparse: true,
        function: true,
      },
    },
    countsPage: true,
    encodedTokens: true,
  }),
  intune(`${DM}/intents`, BETA, CONFIGURATION, ["deviceManagementIntent"], {
    navigations: {
      assignments: { expand: "item" },
      settings: { expand: "item", pageSize: 100 },
      categories: { expand: "item", navigations: { settings: { expand: "anywhere", pageSize: 100 } } },
    },
  }),
  intune(
    `${DM}/deviceCompliancePolicies`,
    BOTH,
    CONFIGURATION,
    [
      "deviceCompliancePolicy",
      "androidCompliancePolicy",
      "androidDeviceOwnerCompliancePolicy",
      "androidWorkProfileCompliancePolicy",
      "aospDeviceOwnerCompliancePolicy",
      "iosCompliancePolicy",
      "macOSCompliancePolicy",
      "windows10CompliancePolicy",
      "windows10MobileCompliancePolicy",
      "windows81CompliancePolicy",
    ],
    { navigations: { scheduledActionsForRule: scheduledActions, assignments: child } },
  ),
  intune(`${DM}/compliancePolicies`, BETA, CONFIGURATION, ["deviceManagementCompliancePolicy"], {
    navigations: { settings, scheduledActionsForRule: scheduledActions, assignments: child },
  }),
  intune(`${DM}/windowsFeatureUpdateProfiles`, BETA, CONFIGURATION, ["windowsFeatureUpdateProfile"], {
    navigations: assigned,
  }),
  intune(`${DM}/windowsQualityUpdateProfiles`, BETA, CONFIGURATION, ["windowsQualityUpdateProfile"], {
    navigations: assigned,
  }),
  intune(`${DM}/windowsDriverUpdateProfiles`, BETA, CONFIGURATION, ["windowsDriverUpdateProfile"], {
    navigations: assigned,
  }),
  intune(`${DM}/deviceManagementScripts`, BETA, SCRIPTS, ["deviceManagementScript"], {
    navigations: assigned,
    nullInList: ["scriptContent"],
  }),
  intune(`${DM}/deviceShellScripts`, BETA, SCRIPTS, ["deviceShellScript"], {
    navigations: assigned,
    nullInList: ["scriptContent"],
  }),
  intune(`${DM}/deviceCustomAttributeShellScripts`, BETA, SCRIPTS, ["deviceCustomAttributeShellScript"], {
    navigations: assigned,
    nullInList: ["scriptContent"],
  }),
  intune(`${DM}/deviceHealthScripts`, BETA, SCRIPTS, ["deviceHealthScript"], {
    navigations: assigned,
    nullInList: ["detectionScriptContent", "remediationScriptContent"],
  }),
  intune(`${DM}/deviceComplianceScripts`, BETA, SCRIPTS, ["deviceComplianceScript"], {
    nullInList: ["detectionScriptContent"],
  }),
  intune(
    `${DM}/windowsAutopilotDeploymentProfiles`,
    BETA,
    SERVICE,
    [
      "windowsAutopilotDeploymentProfile",
      "azureADWindowsAutopilotDeploymentProfile",
      "activeDirectoryWindowsAutopilotDeploymentProfile",
    ],
    { navigations: { ...assigned, domainJoinConfiguration: { expand: "item", single: true, sparse: true } } },
  ),
  intune(
    `${DM}/deviceEnrollmentConfigurations`,
    BOTH,
    SERVICE,
    [
      "deviceEnrollmentConfiguration",
      "deviceComanagementAuthorityConfiguration",
      "deviceEnrollmentLimitConfiguration",
      "deviceEnrollmentNotificationConfiguration",
      "deviceEnrollmentPlatformRestrictionConfiguration",
      "deviceEnrollmentPlatformRestrictionsConfiguration",
      "deviceEnrollmentWindowsHelloForBusinessConfiguration",
      "windows10EnrollmentCompletionPageConfiguration",
      "windowsRestoreDeviceEnrollmentConfiguration",
    ],
    { navigations: assigned },
  ),
  // The base type has no navigation property: apps and assignments exist only on the typed endpoints.
  intune(MANAGED_APP_POLICIES, BOTH, APPS, [
    "managedAppPolicy",
    "androidManagedAppProtection",
    "defaultManagedAppProtection",
    "iosManagedAppProtection",
    "mdmWindowsInformationProtectionPolicy",
    "targetedManagedAppConfiguration",
    "windowsInformationProtectionPolicy",
    "windowsManagedAppProtection",
  ]),
  intune(`${AM}/iosManagedAppProtections`, BOTH, APPS, ["iosManagedAppProtection"], {
    navigations: managedApp,
    viewOf: MANAGED_APP_POLICIES,
  }),
  intune(`${AM}/androidManagedAppProtections`, BOTH, APPS, ["androidManagedAppProtection"], {
    navigations: managedApp,
    viewOf: MANAGED_APP_POLICIES,
  }),
  intune(`${AM}/windowsManagedAppProtections`, BETA, APPS, ["windowsManagedAppProtection"], {
    navigations: managedApp,
    viewOf: MANAGED_APP_POLICIES,
  }),
  intune(
    `${AM}/mdmWindowsInformationProtectionPolicies`,
    BOTH,
    APPS,
    ["mdmWindowsInformationProtectionPolicy"],
    { navigations: protectedWindows, viewOf: MANAGED_APP_POLICIES },
  ),
  intune(`${AM}/windowsInformationProtectionPolicies`, BOTH, APPS, ["windowsInformationProtectionPolicy"], {
    navigations: protectedWindows,
    viewOf: MANAGED_APP_POLICIES,
  }),
  intune(`${AM}/defaultManagedAppProtections`, BOTH, APPS, ["defaultManagedAppProtection"], {
    navigations: { apps: child },
    viewOf: MANAGED_APP_POLICIES,
  }),
  intune(`${AM}/targetedManagedAppConfigurations`, BOTH, APPS, ["targetedManagedAppConfiguration"], {
    navigations: { ...managedApp, settings },
    viewOf: MANAGED_APP_POLICIES,
  }),
  intune(
    `${AM}/mobileAppConfigurations`,
    BOTH,
    APPS,
    [
      "managedDeviceMobileAppConfiguration",
      "androidForWorkMobileAppConfiguration",
      "androidManagedStoreAppConfiguration",
      "iosMobileAppConfiguration",
    ],
    { navigations: assigned },
  ),
  intune(
    `${AM}/mobileApps`,
    BOTH,
    APPS,
    [
      "mobileApp",
      "androidLobApp",
      "androidManagedStoreApp",
      "androidManagedStoreWebApp",
      "androidStoreApp",
      "iosLobApp",
      "iosStoreApp",
      "iosVppApp",
      "iosiPadOSWebClip",
      "macOSDmgApp",
      "macOSLobApp",
      "macOSMicrosoftDefenderApp",
      "macOSMicrosoftEdgeApp",
      "macOSOfficeSuiteApp",
      "macOSPkgApp",
      "managedAndroidStoreApp",
      "managedIOSStoreApp",
      "officeSuiteApp",
      "webApp",
      "win32LobApp",
      "winGetApp",
      "windowsMicrosoftEdgeApp",
      "windowsMobileMSI",
      "windowsUniversalAppX",
      "windowsWebApp",
    ],
    {
      navigations: {
        assignments: child,
        categories: child,
        relationships: { expand: "item", sparse: true },
      },
      nullInList: ["largeIcon"],
      pageSize: 1000,
    },
  ),
  intune(`${AM}/policySets`, BETA, CONFIGURATION, ["policySet"], {
    navigations: { items: { expand: "item" }, assignments: { expand: "item" } },
  }),
  intune(`${DM}/assignmentFilters`, BETA, CONFIGURATION, [
    "deviceAndAppManagementAssignmentFilter",
    "payloadCompatibleAssignmentFilter",
  ]),
  intune(`${DM}/roleScopeTags`, BETA, CONFIGURATION, ["roleScopeTag"], {
    navigations: assigned,
  }),
  intune(`${DM}/roleDefinitions`, BOTH, RBAC, ["roleDefinition", "deviceAndAppManagementRoleDefinition"], {
    navigations: {
      roleAssignments: {
        expand: "item",
        abridged: ["members", "scopeMembers", "resourceScopes", "roleScopeTags"],
        livesIn: `${DM}/roleAssignments`,
      },
    },
  }),
  intune(`${DM}/roleAssignments`, BOTH, RBAC, ["deviceAndAppManagementRoleAssignment"], {
    navigations: { roleDefinition: { expand: "anywhere", single: true }, roleScopeTags: child },
  }),
  intune(`${DM}/notificationMessageTemplates`, BOTH, SERVICE, ["notificationMessageTemplate"], {
    navigations: { localizedNotificationMessages: child },
  }),
  intune(`${DM}/termsAndConditions`, BOTH, SERVICE, ["termsAndConditions"], { navigations: assigned }),
  intune(`${DM}/reusablePolicySettings`, BETA, CONFIGURATION, ["deviceManagementReusablePolicySetting"]),
  intune(
    `${DM}/deviceCategories`,
    BOTH,
    [...CONFIGURATION, "DeviceManagementManagedDevices.Read.All"],
    ["deviceCategory"],
  ),
  intune(`${DM}/intuneBrandingProfiles`, BETA, APPS, ["intuneBrandingProfile"], {
    navigations: {
      ...assigned,
      themeColorLogo: image,
      lightBackgroundLogo: image,
      landingPageCustomizedImage: image,
    },
  }),
  {
    path: "identity/conditionalAccess/policies",
    versions: BOTH,
    family: "conditionalAccess",
    permissions: [...POLICY, "Policy.Read.ConditionalAccess"],
    types: ["conditionalAccessPolicy"],
    pageSize: 100,
    navigations: {},
  },
  {
    path: "identity/conditionalAccess/namedLocations",
    versions: BOTH,
    family: "conditionalAccess",
    permissions: [...POLICY, "Policy.Read.ConditionalAccess"],
    types: ["namedLocation", "countryNamedLocation", "ipNamedLocation", "compliantNetworkNamedLocation"],
    pageSize: 100,
    navigations: {},
  },
  {
    path: "policies/authenticationStrengthPolicies",
    versions: BOTH,
    family: "policies",
    permissions: [...POLICY, "Policy.Read.AuthenticationMethod"],
    types: ["authenticationStrengthPolicy"],
    pageSize: 100,
    navigations: { combinationConfigurations: child },
  },
  {
    path: "policies/authenticationMethodsPolicy",
    versions: BOTH,
    family: "policies",
    permissions: [...POLICY, "Policy.Read.AuthenticationMethod"],
    types: ["authenticationMethodsPolicy"],
    pageSize: 1,
    navigations: {},
    singleIn: BOTH,
  },
  {
    // beta still answers with a collection of one.
    path: "policies/authorizationPolicy",
    versions: BOTH,
    family: "policies",
    permissions: POLICY,
    types: ["authorizationPolicy"],
    pageSize: 100,
    navigations: {},
    singleIn: ["v1.0"],
  },
  {
    path: "policies/identitySecurityDefaultsEnforcementPolicy",
    versions: BOTH,
    family: "policies",
    permissions: POLICY,
    types: ["identitySecurityDefaultsEnforcementPolicy"],
    pageSize: 1,
    navigations: {},
    singleIn: BOTH,
  },
  ...handfulCollections,
  directory("groups", GROUPS, "group", { guarded: { membershipRule: GROUP_DETAILS } }),
  directory("users", USERS, "user"),
  directory("servicePrincipals", APPLICATIONS, "servicePrincipal"),
  directory("directoryRoleTemplates", ROLES, "directoryRoleTemplate"),
];

const byPath = new Map(COLLECTIONS.map((spec) => [spec.path.toLowerCase(), spec]));

/** The collection at a path such as `deviceManagement/configurationPolicies`; case does not matter. */
export function collectionAt(path: string): CollectionSpec | undefined {
  return byPath.get(path.toLowerCase());
}

/** The collection whose objects `spec` shows: itself, unless it is a typed view. */
export function baseOf(spec: CollectionSpec): CollectionSpec {
  return (spec.viewOf === undefined ? undefined : collectionAt(spec.viewOf)) ?? spec;
}

/** The typed view of `spec` for an entity type, else `spec`: the one that knows the type's children. */
export function viewFor(spec: CollectionSpec, type: string): CollectionSpec {
  return COLLECTIONS.find((view) => view.viewOf === spec.path && view.types.includes(type)) ?? spec;
}

/** Families of types too many to list, tried after the exact names; the first that fits wins. */
const TYPE_PATTERNS: readonly [RegExp, string][] = [
  [/CompliancePolicy$/, `${DM}/deviceCompliancePolicies`],
  [/MobileAppConfiguration$/, `${AM}/mobileAppConfigurations`],
  [/^deviceEnrollment.*Configuration$/, `${DM}/deviceEnrollmentConfigurations`],
  [/NamedLocation$/, "identity/conditionalAccess/namedLocations"],
  [/(Configuration|CertificateProfile|TrustedRootCertificate)(Base)?$/, `${DM}/deviceConfigurations`],
  [/(App|WebClip|AppX|MSI)$/, `${AM}/mobileApps`],
];

/** The collection in which objects of an entity type (short name) live. */
export function collectionOfType(type: string): CollectionSpec | undefined {
  const exact = COLLECTIONS.find((spec) => spec.viewOf === undefined && spec.types.includes(type));
  if (exact) return exact;
  const pattern = TYPE_PATTERNS.find(([test]) => test.test(type));
  return pattern && collectionAt(pattern[1]);
}
