import type { GraphObject, Json } from "../json.ts";
import type { Random } from "../random.ts";
import { schemas } from "../schema.ts";
import { base64 } from "./common.ts";
import { roleTemplateIds } from "./directory.ts";
import { childOf, childrenOf, filled, kindOf } from "./from-schema.ts";
import type { Group, Kind, Making } from "./kind.ts";

const DM = "deviceManagement";
const CLOUD_PC = `${DM}/virtualEndpoint`;

/** One PNG pixel and some bytes that no text has. */
const picture = (random: Random) =>
  Buffer.from(`89504e470d0a1a0a0000000d49484452${random.hex(64)}ff00fe`, "hex").toString("base64");

const few = (collection: string, count: number, ...kinds: [Kind, ...Kind[]]): Group => ({
  collection,
  few: count,
  kinds,
});

/** What every tenant has one of. */
const one = (collection: string, kind: Kind): Group => ({
  collection,
  foundation: () => 1,
  kinds: [kind],
  fixedIds: [collection.split("/").at(-1) ?? ""],
});

const enrollmentProfile =
  (type: string) =>
  (making: Making): Json => {
    const random = making.random(type);
    return random.chance(0.6) ? childOf(type, random, 0) : null;
  };

const ENROLLMENT_TOKEN = kindOf("depOnboardingSetting", "Apple", {
  own: (making) => ({ tokenName: `Apple Business Manager ${making.ordinal + 1}` }),
  navigations: {
    enrollmentProfiles: childrenOf("enrollmentProfile", "profiles", [1, 3]),
    defaultIosEnrollmentProfile: enrollmentProfile("depIOSEnrollmentProfile"),
    defaultMacOsEnrollmentProfile: enrollmentProfile("depMacOSEnrollmentProfile"),
    defaultTvOSEnrollmentProfile: enrollmentProfile("depTvOSEnrollmentProfile"),
    defaultVisionOSEnrollmentProfile: enrollmentProfile("depVisionOSEnrollmentProfile"),
  },
});

/** What Graph hands to whoever may read the profile, and a backup must not keep. */
const enrollmentSecrets = (random: Random): GraphObject => ({
  tokenValue: random.hex(20).toUpperCase(),
  qrCodeContent: JSON.stringify({ token: random.hex(20) }),
  qrCodeImage: { type: "image/png", value: picture(random) },
});

const intuneGroups: readonly Group[] = [
  few(`${DM}/depOnboardingSettings`, 2, ENROLLMENT_TOKEN),
  few(
    `${DM}/appleUserInitiatedEnrollmentProfiles`,
    2,
    kindOf("appleUserInitiatedEnrollmentProfile", "iOS - User enrollment"),
  ),
  one(
    `${DM}/applePushNotificationCertificate`,
    kindOf("applePushNotificationCertificate", "Apple", {
      own: () => ({ appleIdentifier: "apple@contoso.example", certificate: null }),
    }),
  ),
  few(
    "deviceAppManagement/vppTokens",
    2,
    kindOf("vppToken", "Apple - Volume purchase", {
      own: (_, random) => ({ token: base64(random.hex(80)) }),
    }),
  ),
  few(
    `${DM}/androidDeviceOwnerEnrollmentProfiles`,
    3,
    kindOf("androidDeviceOwnerEnrollmentProfile", "AE - Corporate", {
      own: (_, random) => ({ ...enrollmentSecrets(random), wifiPassword: random.hex(10) }),
    }),
  ),
  few(
    `${DM}/androidForWorkEnrollmentProfiles`,
    1,
    kindOf("androidForWorkEnrollmentProfile", "AE - Dedicated", {
      own: (_, random) => enrollmentSecrets(random),
    }),
  ),
  one(
    `${DM}/androidManagedStoreAccountEnterpriseSettings`,
    kindOf("androidManagedStoreAccountEnterpriseSettings", "Managed Google Play", {
      own: (_, random) => ({
        companyCodes: [{ enrollmentToken: random.hex(8), qrCodeContent: random.hex(20), qrCodeImage: null }],
      }),
    }),
  ),
  few(
    `${DM}/groupPolicyUploadedDefinitionFiles`,
    2,
    kindOf("groupPolicyUploadedDefinitionFile", "ADMX", {
      own: (making) => ({ fileName: `vendor${making.ordinal + 1}.admx`, content: null }),
    }),
  ),
  few(`${DM}/hardwareConfigurations`, 2, kindOf("hardwareConfiguration", "Win - BIOS")),
  one(`${DM}/settings`, kindOf("deviceManagementSettings", "Settings")),
  few(`${DM}/managedDeviceCleanupRules`, 2, kindOf("managedDeviceCleanupRule", "Cleanup")),
  few(`${DM}/operationApprovalPolicies`, 2, kindOf("operationApprovalPolicy", "Approval")),
  few(`${DM}/windowsQualityUpdatePolicies`, 2, kindOf("windowsQualityUpdatePolicy", "Win - Hotpatch")),
  few(`${CLOUD_PC}/provisioningPolicies`, 2, kindOf("cloudPcProvisioningPolicy", "Cloud PC")),
  few(`${CLOUD_PC}/userSettings`, 2, kindOf("cloudPcUserSetting", "Cloud PC - Users")),
  few(`${CLOUD_PC}/onPremisesConnections`, 2, kindOf("cloudPcOnPremisesConnection", "Cloud PC - Network")),
  few(`${CLOUD_PC}/deviceImages`, 1, kindOf("cloudPcDeviceImage", "Cloud PC - Image")),
  one(`${CLOUD_PC}/organizationSettings`, kindOf("cloudPcOrganizationSettings", "Cloud PC")),
  few(`${DM}/mobileThreatDefenseConnectors`, 2, kindOf("mobileThreatDefenseConnector", "Connector")),
  few(`${DM}/complianceManagementPartners`, 1, kindOf("complianceManagementPartner", "Compliance partner")),
  few(`${DM}/deviceManagementPartners`, 1, kindOf("deviceManagementPartner", "Management partner")),
  few(`${DM}/remoteAssistancePartners`, 1, kindOf("remoteAssistancePartner", "Remote assistance")),
  one(`${DM}/remoteAssistanceSettings`, kindOf("remoteAssistanceSettings", "Remote help")),
  few("deviceAppManagement/mobileAppCategories", 4, kindOf("mobileAppCategory", "Category")),
];

const directoryObject =
  (type: string, collection: string, names: readonly string[]) =>
  (making: Making): Json => {
    const random = making.random("members");
    const found = Array.from({ length: random.int(0, 3) }, (_, n) =>
      making.world.propsIn(collection, random.int(0, 3) + n * 4),
    );
    return found.map((object) => ({
      "@odata.type": `#microsoft.graph.${type}`,
      ...Object.fromEntries(names.flatMap((name) => (name in object ? [[name, object[name] ?? null]] : []))),
    }));
  };

const appliesTo = directoryObject("servicePrincipal", "servicePrincipals", ["id", "appId", "displayName"]);

const appPolicy = (path: string, type: string): Group =>
  few(
    `policies/${path}`,
    1,
    kindOf(type, "App policy", {
      ...(schemas.beta.propertiesOf(type).has("definition") && {
        own: (_, random) => ({ definition: [JSON.stringify({ Policy: { Version: 1, Id: random.hex(6) } })] }),
      }),
      navigations: { appliesTo },
    }),
  );

const RULES = [
  "Expiration_Admin_Eligibility",
  "Enablement_EndUser_Assignment",
  "Approval_EndUser_Assignment",
];

const PIM_SETTINGS: Kind = {
  type: "unifiedRoleManagementPolicyAssignment",
  idPrefix: "DirectoryRole_",
  props: (making) => ({
    policyId: `DirectoryRole_${making.id}`,
    scopeId: "/",
    scopeType: "DirectoryRole",
    roleDefinitionId: roleTemplateIds[making.ordinal] ?? "",
  }),
  navigations: {
    policy(making) {
      const random = making.random("policy");
      return {
        id: `DirectoryRole_${making.id}`,
        ...filled("unifiedRoleManagementPolicy", random),
        displayName: "DirectoryRole",
        rules: RULES.map((id) => ({ ...childOf("unifiedRoleManagementPolicyRule", random, 0), id })),
      };
    },
  },
};

const organization = "organization/{organizationId}/branding";

const streams = (random: Random): GraphObject =>
  Object.fromEntries(
    ["backgroundImage", "bannerLogo", "squareLogo", "customCSS"].map((name) => [
      name,
      name === "customCSS" ? base64(`/* ${random.hex(8)} – Büro */`) : picture(random),
    ]),
  );

/** Not every image is set. */
const stream =
  (name: string) =>
  (making: Making): Json =>
    streams(making.random("streams"))[name] ?? null;

const BRANDING = kindOf("organizationalBranding", "Branding", {
  own: () => ({ signInPageText: "Welcome to Contoso – Willkommen" }),
  without: ["localizations"],
  navigations: {
    backgroundImage: stream("backgroundImage"),
    bannerLogo: stream("bannerLogo"),
    squareLogo: stream("squareLogo"),
    customCSS: stream("customCSS"),
    localizations(making) {
      const random = making.random("localizations");
      return ["de-DE", "fr-FR"].map((id) => ({
        id,
        ...filled("organizationalBrandingLocalization", random, 1),
        signInPageText: `Text ${id}`,
        bannerLogo: picture(random),
      }));
    },
  },
});

const entraGroups: readonly Group[] = [
  {
    ...few(
      "identity/conditionalAccess/authenticationContextClassReferences",
      3,
      kindOf("authenticationContextClassReference", "Context"),
    ),
    fixedIds: ["c1", "c2", "c3"],
  },
  one("policies/deviceRegistrationPolicy", kindOf("deviceRegistrationPolicy", "Device registration")),
  one("policies/externalIdentitiesPolicy", kindOf("externalIdentitiesPolicy", "External identities")),
  one("policies/authenticationFlowsPolicy", kindOf("authenticationFlowsPolicy", "Authentication flows")),
  one(
    "policies/crossTenantAccessPolicy",
    kindOf("crossTenantAccessPolicy", "Cross-tenant access", { without: ["partners", "definition"] }),
  ),
  one(
    "policies/crossTenantAccessPolicy/default",
    kindOf("crossTenantAccessPolicyConfigurationDefault", "Cross-tenant access"),
  ),
  few(
    "policies/crossTenantAccessPolicy/partners",
    3,
    kindOf("crossTenantAccessPolicyConfigurationPartner", "Partner", {
      own: (making) => ({ tenantId: making.id }),
      without: ["identitySynchronization"],
      navigations: {
        identitySynchronization: (making) =>
          making.ordinal % 2 === 0
            ? {
                ...filled("crossTenantIdentitySyncPolicyPartner", making.random("sync"), 1),
                deletedDateTime: null,
                tenantId: making.id,
              }
            : null,
      },
    }),
  ),
  few(
    "roleManagement/directory/roleDefinitions",
    4,
    kindOf("unifiedRoleDefinition", "Role", {
      own: (making) => ({ isBuiltIn: making.ordinal < 2, templateId: making.id }),
    }),
  ),
  few(
    "roleManagement/directory/roleAssignments",
    5,
    kindOf("unifiedRoleAssignment", "Role", {
      own: (making, random) => ({
        principalId: making.world.groupId(random.int(0, 20)),
        roleDefinitionId: roleTemplateIds[random.int(0, 5)] ?? "",
        directoryScopeId: "/",
        appScopeId: null,
      }),
    }),
  ),
  few(
    "roleManagement/directory/roleEligibilitySchedules",
    3,
    kindOf("unifiedRoleEligibilitySchedule", "Role", {
      own: (making, random) => ({
        principalId: making.world.userId(random.int(0, 9)),
        directoryScopeId: "/",
      }),
    }),
  ),
  few("policies/roleManagementPolicyAssignments", 4, PIM_SETTINGS),
  few(
    "directory/administrativeUnits",
    3,
    kindOf("administrativeUnit", "Unit", {
      navigations: {
        members: directoryObject("user", "users", ["id", "displayName", "userPrincipalName"]),
        scopedRoleMembers: childrenOf("scopedRoleMembership", "scoped", [0, 2]),
      },
    }),
  ),
  few("groupSettings", 2, {
    type: "groupSetting",
    props: (making) => ({
      displayName: ["Group.Unified", "Group.Unified.Guest"][making.ordinal] ?? "Prohibited Names Settings",
      templateId: making.random("template").guid(),
      values: ["EnableGroupCreation", "GuestUsageGuidelinesUrl", "AllowGuestsToBeGroupOwner"].map((name) => ({
        name,
        value: making.random(name).pick(["true", "false", ""]),
      })),
    }),
  }),
  few("groupLifecyclePolicies", 1, kindOf("groupLifecyclePolicy", "Lifecycle")),
  one("policies/adminConsentRequestPolicy", kindOf("adminConsentRequestPolicy", "Consent requests")),
  few(
    "policies/permissionGrantPolicies",
    3,
    kindOf("permissionGrantPolicy", "Consent", {
      navigations: {
        includes: childrenOf("permissionGrantConditionSet", "includes", [1, 3]),
        excludes: childrenOf("permissionGrantConditionSet", "excludes", [0, 2]),
      },
    }),
  ),
  { ...one(organization, BRANDING), fixedIds: ["0"] },
  appPolicy("activityBasedTimeoutPolicies", "activityBasedTimeoutPolicy"),
  appPolicy("appManagementPolicies", "appManagementPolicy"),
  appPolicy("claimsMappingPolicies", "claimsMappingPolicy"),
  appPolicy("homeRealmDiscoveryPolicies", "homeRealmDiscoveryPolicy"),
  appPolicy("tokenIssuancePolicies", "tokenIssuancePolicy"),
  appPolicy("tokenLifetimePolicies", "tokenLifetimePolicy"),
  one("policies/defaultAppManagementPolicy", kindOf("tenantAppManagementPolicy", "App management")),
  one("policies/federatedTokenValidationPolicy", kindOf("federatedTokenValidationPolicy", "Federation")),
];

/** What tenants have one or a handful of. */
export const handfulGroups: readonly Group[] = [...intuneGroups, ...entraGroups];
