import type { CollectionSpec, Family, NavigationSpec, Navigations, Version } from "./collection-spec.ts";

/** The collections of which a tenant has a handful of objects, or one. */

const CONFIGURATION = "DeviceManagementConfiguration.Read.All";
const SERVICE = "DeviceManagementServiceConfig.Read.All";
const APPS = "DeviceManagementApps.Read.All";
const POLICY = "Policy.Read.All";
const DIRECTORY = "Directory.Read.All";
const ROLES = "RoleManagement.Read.Directory";

const BOTH: readonly Version[] = ["v1.0", "beta"];

const child: NavigationSpec = { expand: "anywhere" };
const assigned: Navigations = { assignments: child };
const one: NavigationSpec = { expand: "item", single: true, sparse: true };

type Shape = Partial<Omit<CollectionSpec, "path" | "types" | "permissions">>;

function collection(
  family: Family,
  path: string,
  type: string,
  permissions: readonly string[],
  shape: Shape = {},
): CollectionSpec {
  return {
    path,
    family,
    permissions,
    types: [type],
    versions: BOTH,
    pageSize: 100,
    navigations: {},
    ...shape,
  };
}

/** Of Intune, in beta alone unless the shape says otherwise. */
function intune(path: string, type: string, permission: string, shape: Shape = {}): CollectionSpec {
  const versions: readonly Version[] = ["beta"];
  return collection("intune", path, type, [permission], { versions, ...shape });
}

function entra(
  path: string,
  type: string,
  permissions: readonly string[],
  shape: Shape = {},
): CollectionSpec {
  return collection("policies", path, type, permissions, shape);
}

const single: Shape = { singleIn: BOTH, pageSize: 1 };
const DM = "deviceManagement";
const CLOUD_PC = `${DM}/virtualEndpoint`;

/** The images and the style sheet of the sign-in page. */
const brandingStreams: Navigations = Object.fromEntries(
  ["backgroundImage", "bannerLogo", "customCSS", "favicon", "headerLogo", "squareLogo", "squareLogoDark"].map(
    (name) => [name, { expand: "never", single: true, sparse: true, stream: true } satisfies NavigationSpec],
  ),
);

/** Policies of applications: each says to which it applies. */
function appPolicy(path: string, type: string): CollectionSpec {
  return entra(`policies/${path}`, type, [POLICY], { navigations: { appliesTo: child } });
}

export const handfulCollections: readonly CollectionSpec[] = [
  intune(`${DM}/depOnboardingSettings`, "depOnboardingSetting", SERVICE, {
    navigations: {
      enrollmentProfiles: { expand: "item" },
      defaultIosEnrollmentProfile: one,
      defaultMacOsEnrollmentProfile: one,
      defaultTvOSEnrollmentProfile: one,
      defaultVisionOSEnrollmentProfile: one,
    },
  }),
  intune(`${DM}/appleUserInitiatedEnrollmentProfiles`, "appleUserInitiatedEnrollmentProfile", SERVICE, {
    navigations: assigned,
  }),
  intune(`${DM}/applePushNotificationCertificate`, "applePushNotificationCertificate", CONFIGURATION, {
    ...single,
    versions: BOTH,
  }),
  intune("deviceAppManagement/vppTokens", "vppToken", SERVICE, { versions: BOTH }),
  intune(`${DM}/androidDeviceOwnerEnrollmentProfiles`, "androidDeviceOwnerEnrollmentProfile", CONFIGURATION),
  intune(`${DM}/androidForWorkEnrollmentProfiles`, "androidForWorkEnrollmentProfile", CONFIGURATION),
  intune(
    `${DM}/androidManagedStoreAccountEnterpriseSettings`,
    "androidManagedStoreAccountEnterpriseSettings",
    CONFIGURATION,
    single,
  ),
  intune(`${DM}/groupPolicyUploadedDefinitionFiles`, "groupPolicyUploadedDefinitionFile", CONFIGURATION),
  intune(`${DM}/hardwareConfigurations`, "hardwareConfiguration", CONFIGURATION, {
    navigations: assigned,
    nullInList: ["configurationFileContent"],
  }),
  intune(`${DM}/settings`, "deviceManagementSettings", CONFIGURATION, { ...single, versions: BOTH, key: "" }),
  intune(`${DM}/managedDeviceCleanupRules`, "managedDeviceCleanupRule", CONFIGURATION),
  intune(`${DM}/operationApprovalPolicies`, "operationApprovalPolicy", CONFIGURATION),
  intune(`${DM}/windowsQualityUpdatePolicies`, "windowsQualityUpdatePolicy", CONFIGURATION, {
    navigations: assigned,
  }),
  intune(`${CLOUD_PC}/provisioningPolicies`, "cloudPcProvisioningPolicy", "CloudPC.Read.All", {
    versions: BOTH,
    navigations: assigned,
  }),
  intune(`${CLOUD_PC}/userSettings`, "cloudPcUserSetting", "CloudPC.Read.All", {
    versions: BOTH,
    navigations: assigned,
  }),
  intune(`${CLOUD_PC}/onPremisesConnections`, "cloudPcOnPremisesConnection", "CloudPC.Read.All", {
    versions: BOTH,
  }),
  intune(`${CLOUD_PC}/deviceImages`, "cloudPcDeviceImage", "CloudPC.Read.All", { versions: BOTH }),
  intune(`${CLOUD_PC}/organizationSettings`, "cloudPcOrganizationSettings", "CloudPC.Read.All", single),
  intune(`${DM}/mobileThreatDefenseConnectors`, "mobileThreatDefenseConnector", SERVICE, { versions: BOTH }),
  intune(`${DM}/complianceManagementPartners`, "complianceManagementPartner", SERVICE, { versions: BOTH }),
  intune(`${DM}/deviceManagementPartners`, "deviceManagementPartner", SERVICE, { versions: BOTH }),
  intune(`${DM}/remoteAssistancePartners`, "remoteAssistancePartner", SERVICE, { versions: BOTH }),
  intune(`${DM}/remoteAssistanceSettings`, "remoteAssistanceSettings", SERVICE, single),
  intune("deviceAppManagement/mobileAppCategories", "mobileAppCategory", APPS, { versions: BOTH }),
  entra(
    "identity/conditionalAccess/authenticationContextClassReferences",
    "authenticationContextClassReference",
    ["AuthenticationContext.Read.All", "Policy.Read.ConditionalAccess"],
  ),
  entra(
    "policies/deviceRegistrationPolicy",
    "deviceRegistrationPolicy",
    ["Policy.Read.DeviceConfiguration"],
    single,
  ),
  entra("policies/externalIdentitiesPolicy", "externalIdentitiesPolicy", [POLICY], {
    ...single,
    versions: ["beta"],
  }),
  entra("policies/authenticationFlowsPolicy", "authenticationFlowsPolicy", [POLICY], single),
  entra("policies/crossTenantAccessPolicy", "crossTenantAccessPolicy", [POLICY], single),
  entra(
    "policies/crossTenantAccessPolicy/default",
    "crossTenantAccessPolicyConfigurationDefault",
    [POLICY],
    single,
  ),
  entra(
    "policies/crossTenantAccessPolicy/partners",
    "crossTenantAccessPolicyConfigurationPartner",
    [POLICY],
    {
      key: "tenantId",
      navigations: { identitySynchronization: one },
    },
  ),
  entra("roleManagement/directory/roleDefinitions", "unifiedRoleDefinition", [ROLES, DIRECTORY]),
  entra("roleManagement/directory/roleAssignments", "unifiedRoleAssignment", [ROLES, DIRECTORY]),
  entra("roleManagement/directory/roleEligibilitySchedules", "unifiedRoleEligibilitySchedule", [
    "RoleEligibilitySchedule.Read.Directory",
    ROLES,
  ]),
  entra(
    "policies/roleManagementPolicyAssignments",
    "unifiedRoleManagementPolicyAssignment",
    ["RoleManagementPolicy.Read.Directory", ROLES],
    {
      needsFilter: true,
      navigations: { policy: { expand: "anywhere", single: true, navigations: { rules: child } } },
    },
  ),
  entra("directory/administrativeUnits", "administrativeUnit", ["AdministrativeUnit.Read.All", DIRECTORY], {
    navigations: { members: { expand: "item" }, scopedRoleMembers: { expand: "item" } },
  }),
  entra("groupSettings", "groupSetting", ["GroupSettings.Read.All", "Group.Read.All", DIRECTORY], {
    versions: ["v1.0"],
  }),
  entra("groupLifecyclePolicies", "groupLifecyclePolicy", [DIRECTORY]),
  entra("policies/adminConsentRequestPolicy", "adminConsentRequestPolicy", [POLICY], single),
  entra("policies/permissionGrantPolicies", "permissionGrantPolicy", ["Policy.Read.PermissionGrant"], {
    navigations: { includes: child, excludes: child },
  }),
  entra(
    "organization/{organizationId}/branding",
    "organizationalBranding",
    ["OrganizationalBranding.Read.All"],
    {
      ...single,
      navigations: {
        ...brandingStreams,
        localizations: { expand: "item", navigations: brandingStreams },
      },
    },
  ),
  appPolicy("activityBasedTimeoutPolicies", "activityBasedTimeoutPolicy"),
  appPolicy("appManagementPolicies", "appManagementPolicy"),
  appPolicy("claimsMappingPolicies", "claimsMappingPolicy"),
  appPolicy("homeRealmDiscoveryPolicies", "homeRealmDiscoveryPolicy"),
  appPolicy("tokenIssuancePolicies", "tokenIssuancePolicy"),
  appPolicy("tokenLifetimePolicies", "tokenLifetimePolicy"),
  entra("policies/defaultAppManagementPolicy", "tenantAppManagementPolicy", [POLICY], single),
  entra("policies/federatedTokenValidationPolicy", "federatedTokenValidationPolicy", [POLICY], {
    ...single,
    versions: ["beta"],
  }),
];
