import type { GraphObject } from "../json.ts";
import { policyName } from "./common.ts";
import { roleTemplateIds } from "./directory.ts";
import type { Group, Kind, Making } from "./kind.ts";

const CONDITIONAL_ACCESS: Kind = {
  type: "conditionalAccessPolicy",
  props(making) {
    const random = making.random("policy");
    const location = making.world.idIn("identity/conditionalAccess/namedLocations", random.int(0, 99));
    return {
      templateId: null,
      displayName: policyName(making, "CA"),
      createdDateTime: random.dateTime(),
      modifiedDateTime: random.dateTime(),
      state: random.pick(["enabled", "disabled", "enabledForReportingButNotEnforced"]),
      sessionControls: random.chance(0.3)
        ? {
            disableResilienceDefaults: null,
            applicationEnforcedRestrictions: null,
            cloudAppSecurity: null,
            persistentBrowser: null,
            signInFrequency: {
              value: random.int(1, 30),
              type: "days",
              authenticationType: "primaryAndSecondaryAuthentication",
              frequencyInterval: "timeBased",
              isEnabled: true,
            },
          }
        : null,
      conditions: {
        userRiskLevels: random.chance(0.2) ? ["high"] : [],
        signInRiskLevels: [],
        clientAppTypes: random.pick([["all"], ["browser", "mobileAppsAndDesktopClients"], ["other"]]),
        servicePrincipalRiskLevels: [],
        insiderRiskLevels: null,
        devices: null,
        clientApplications: null,
        authenticationFlows: null,
        applications: {
          includeApplications: [random.pick(["All", "Office365", "MicrosoftAdminPortals"])],
          excludeApplications: random.chance(0.3) ? [making.world.appId(random.int(0, 11))] : [],
          includeUserActions: [],
          includeAuthenticationContextClassReferences: [],
          applicationFilter: null,
        },
        users: {
          includeUsers: random.chance(0.6) ? ["All"] : [making.world.userId(random.int(0, 9))],
          excludeUsers: [making.world.userId(10)],
          includeGroups: [making.world.groupId(random.int(0, 20))],
          excludeGroups: [making.world.groupId(21)],
          includeRoles: random.chance(0.3) ? [roleTemplateIds[random.int(0, 5)] ?? ""] : [],
          excludeRoles: [],
          includeGuestsOrExternalUsers: null,
          excludeGuestsOrExternalUsers: null,
        },
        platforms: random.chance(0.4)
          ? { includePlatforms: ["all"], excludePlatforms: ["android", "iOS"] }
          : null,
        locations:
          location !== undefined && random.chance(0.5)
            ? { includeLocations: ["All"], excludeLocations: [location] }
            : null,
      },
      grantControls: {
        operator: random.pick(["OR", "AND"]),
        builtInControls: random.pick([["mfa"], ["block"], ["compliantDevice", "mfa"]]),
        customAuthenticationFactors: [],
        termsOfUse: [],
        authenticationStrength: null,
      },
    };
  },
};

const located = (making: Making): GraphObject => {
  const random = making.random("common");
  return {
    displayName: policyName(making, "Location"),
    createdDateTime: random.dateTime(),
    modifiedDateTime: random.dateTime(),
  };
};

const NAMED_LOCATIONS: readonly [Kind, Kind] = [
  {
    type: "ipNamedLocation",
    props(making) {
      const random = making.random("own");
      return {
        ...located(making),
        isTrusted: random.chance(0.6),
        ipRanges: Array.from({ length: random.int(1, 20) }, () => ({
          "@odata.type": "#microsoft.graph.iPv4CidrRange",
          cidrAddress: `203.0.113.${random.int(0, 255)}/32`,
        })),
      };
    },
  },
  {
    type: "countryNamedLocation",
    props: (making) => ({
      ...located(making),
      countriesAndRegions: ["DE", "AT", "CH", "FR", "PL"].slice(0, making.random("own").int(1, 5)),
      includeUnknownCountriesAndRegions: false,
      countryLookupMethod: "clientIpAddress",
    }),
  },
];

const BUILT_IN = ["Multifactor authentication", "Passwordless MFA", "Phishing-resistant MFA"];

const AUTHENTICATION_STRENGTH: Kind = {
  type: "authenticationStrengthPolicy",
  props(making) {
    const random = making.random("policy");
    const builtIn = BUILT_IN[making.ordinal];
    return {
      createdDateTime: builtIn ? "2021-12-01T00:00:00Z" : random.dateTime(),
      modifiedDateTime: builtIn ? "2021-12-01T00:00:00Z" : random.dateTime(),
      displayName: builtIn ?? policyName(making, "Strength"),
      description: builtIn ? `Built-in: ${builtIn}` : "Own strength",
      policyType: builtIn ? "builtIn" : "custom",
      requirementsSatisfied: "mfa",
      allowedCombinations: ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
    };
  },
  navigations: {
    combinationConfigurations(making) {
      if (making.ordinal < BUILT_IN.length) return [];
      const random = making.random("combinations");
      return [
        {
          "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
          id: random.guid(),
          appliesToCombinations: ["fido2"],
          allowedAAGUIDs: [random.guid(), random.guid()],
        },
      ];
    },
  },
};

const method = (id: string, type: string, own: GraphObject): GraphObject => ({
  "@odata.type": `#microsoft.graph.${type}`,
  id,
  state: "enabled",
  excludeTargets: [],
  ...own,
});

const AUTHENTICATION_METHODS: Kind = {
  type: "authenticationMethodsPolicy",
  props: (making) => ({
    displayName: "Authentication Methods Policy",
    description:
      "The tenant-wide policy that controls which authentication methods are allowed in the tenant",
    lastModifiedDateTime: making.random("policy").dateTime(),
    policyVersion: "1.5",
    policyMigrationState: "migrationComplete",
    registrationEnforcement: {
      authenticationMethodsRegistrationCampaign: {
        snoozeDurationInDays: making.random("campaign").int(0, 14),
        state: "default",
        excludeTargets: [],
        includeTargets: [
          { id: "all_users", targetType: "group", targetedAuthenticationMethod: "microsoftAuthenticator" },
        ],
      },
    },
    authenticationMethodConfigurations: [
      method("Fido2", "fido2AuthenticationMethodConfiguration", {
        isSelfServiceRegistrationAllowed: true,
        isAttestationEnforced: making.random("fido").chance(0.5),
        keyRestrictions: null,
      }),
      method("MicrosoftAuthenticator", "microsoftAuthenticatorAuthenticationMethodConfiguration", {
        isSoftwareOathEnabled: false,
      }),
      method("Sms", "smsAuthenticationMethodConfiguration", {}),
    ],
  }),
};

const AUTHORIZATION: Kind = {
  type: "authorizationPolicy",
  props: (making) => ({
    allowInvitesFrom: making.random("policy").pick(["everyone", "adminsAndGuestInviters", "none"]),
    allowedToSignUpEmailBasedSubscriptions: true,
    allowedToUseSSPR: true,
    allowEmailVerifiedUsersToJoinOrganization: false,
    allowUserConsentForRiskyApps: null,
    blockMsolPowerShell: false,
    description: "Used to manage authorization related settings across the company.",
    displayName: "Authorization Policy",
    guestUserRoleId: "10dae51f-b6af-4016-8d66-8c2a99b929b3",
    defaultUserRolePermissions: {
      allowedToCreateApps: false,
      allowedToCreateSecurityGroups: false,
      allowedToCreateTenants: false,
      allowedToReadBitlockerKeysForOwnedDevice: true,
      allowedToReadOtherUsers: true,
      permissionGrantPoliciesAssigned: [],
    },
  }),
};

const SECURITY_DEFAULTS: Kind = {
  type: "identitySecurityDefaultsEnforcementPolicy",
  props: (making) => ({
    displayName: "Security Defaults",
    description: "Security defaults is a set of basic identity security mechanisms recommended by Microsoft.",
    isEnabled: making.random("policy").chance(0.2),
  }),
};

const strengthId = (n: number) => `00000000-0000-0000-0000-00000000000${n}`;

export const entraGroups: readonly Group[] = [
  { collection: "identity/conditionalAccess/policies", weight: 8, kinds: [CONDITIONAL_ACCESS] },
  { collection: "identity/conditionalAccess/namedLocations", weight: 3, kinds: NAMED_LOCATIONS },
  {
    collection: "policies/authenticationStrengthPolicies",
    weight: 4,
    kinds: [AUTHENTICATION_STRENGTH],
    fixedIds: [strengthId(2), strengthId(3), strengthId(4)],
  },
  {
    collection: "policies/authenticationMethodsPolicy",
    kinds: [AUTHENTICATION_METHODS],
    single: true,
    fixedIds: ["authenticationMethodsPolicy"],
  },
  {
    collection: "policies/authorizationPolicy",
    kinds: [AUTHORIZATION],
    single: true,
    fixedIds: ["authorizationPolicy"],
  },
  {
    collection: "policies/identitySecurityDefaultsEnforcementPolicy",
    kinds: [SECURITY_DEFAULTS],
    single: true,
    fixedIds: ["00000000-0000-0000-0000-000000000005"],
  },
];
