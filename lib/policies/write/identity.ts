import { type ReferencePath, type WriteRule, writeRule, writing } from "./write-rule.ts";

const conditionalAccess = [writing.policyRead, writing.conditionalAccess, writing.applicationRead] as const;

const who = (name: string, kind: ReferencePath["kind"]): ReferencePath[] => [
  { path: `conditions/users/include${name}`, kind },
  { path: `conditions/users/exclude${name}`, kind, excludes: true },
];

/** Whom an authentication method, or a feature of one, is for and is not. */
const targetsAt = (include: string, exclude?: string): ReferencePath[] => [
  { path: `${include}/id`, kind: "group" },
  ...(exclude ? [{ path: `${exclude}/id`, kind: "group", excludes: true } as const] : []),
];

const oneATenant = { never: "Each tenant has exactly one: it is changed, never made." } as const;

export const identityRules = {
  conditionalAccessPolicy: writeRule({
    permissions: conditionalAccess,
    stage: "conditionalAccess",
    strip: ["templateId", "deletedDateTime", "conditions/deviceStates"],
    deleted: {
      path: "identity/conditionalAccess/deletedItems/policies",
      only: { property: "state", values: ["disabled", "enabledForReportingButNotEnforced"] },
    },
    references: [
      ...who("Users", "user"),
      ...who("Groups", "group"),
      ...who("Roles", "directoryRole"),
      { path: "conditions/applications/includeApplications", kind: "application" },
      { path: "conditions/applications/excludeApplications", kind: "application", excludes: true },
      {
        path: "conditions/applications/includeAuthenticationContextClassReferences",
        kind: "authenticationContext",
      },
      { path: "conditions/clientApplications/includeServicePrincipals", kind: "servicePrincipal" },
      {
        path: "conditions/clientApplications/excludeServicePrincipals",
        kind: "servicePrincipal",
        excludes: true,
      },
      { path: "conditions/locations/includeLocations", kind: "namedLocation" },
      { path: "conditions/locations/excludeLocations", kind: "namedLocation", excludes: true },
      { path: "grantControls/authenticationStrength/id", kind: "authenticationStrength" },
      { path: "grantControls/termsOfUse", kind: "termsOfUse" },
    ],
    traps: [
      "A new policy is made report-only, or off where the backup says so; a person enables it in a second step.",
      "One that was deleted and that Graph still keeps comes back under its own id, unless it was enabled then: it would be so again at once.",
      "Somebody or something excluded that cannot be found stops the policy: left out, people could be locked out.",
      "With an authentication strength the operator must be AND.",
    ],
  }),
  namedLocation: writeRule({
    permissions: conditionalAccess,
    stage: "namedLocation",
    strip: ["deletedDateTime"],
    deleted: { path: "identity/conditionalAccess/deletedItems/namedLocations", only: null },
    traps: ["It takes some seconds until a policy may refer to a new location."],
  }),
  authenticationStrengthPolicy: writeRule({
    permissions: [...conditionalAccess, writing.authenticationMethod],
    stage: "authenticationStrength",
    strip: ["policyType", "requirementsSatisfied", "combinationConfigurations"],
    stripOnUpdate: ["allowedCombinations"],
    parts: [
      {
        kind: "updateAllowedCombinations",
        of: "allowedCombinations",
        method: "POST",
        path: "updateAllowedCombinations",
        createdInline: true,
      },
      {
        kind: "combinationConfigurations",
        of: "combinationConfigurations",
        method: "POST",
        path: "combinationConfigurations",
      },
    ],
    builtIn: [
      {
        property: "policyType",
        equals: "builtIn",
        allows: "nothing",
        why: "Microsoft keeps this strength: every tenant has the same.",
      },
    ],
  }),
  authenticationMethodsPolicy: writeRule({
    permissions: [writing.policyRead, writing.authenticationMethod],
    create: oneATenant,
    strip: ["policyVersion", "displayName", "description", "authenticationMethodConfigurations"],
    parts: [
      {
        kind: "authenticationMethodConfigurations",
        of: "authenticationMethodConfigurations",
        method: "PATCH",
        path: "authenticationMethodConfigurations",
      },
    ],
    references: [
      ...[
        "authenticationMethodConfigurations",
        "registrationEnforcement/authenticationMethodsRegistrationCampaign",
        "systemCredentialPreferences",
        "microsoftAuthenticatorPlatformSettings/enforceAppPIN",
      ].flatMap((path) => targetsAt(`${path}/includeTargets`, `${path}/excludeTargets`)),
      ...targetsAt("reportSuspiciousActivitySettings/includeTarget"),
      ...targetsAt("authenticationMethodConfigurations/certificateAuthorityScopes/includeTargets"),
      ...[
        "companionAppAllowedState",
        "displayAppInformationRequiredState",
        "displayLocationInformationRequiredState",
        "numberMatchingRequiredState",
      ].flatMap((feature) => {
        const path = `authenticationMethodConfigurations/featureSettings/${feature}`;
        return targetsAt(`${path}/includeTarget`, `${path}/excludeTarget`);
      }),
    ],
    confirmation: "It decides how everybody signs in: a method taken away can lock people out.",
  }),
  authorizationPolicy: writeRule({
    permissions: [writing.policyRead, writing.authorization],
    create: oneATenant,
    strip: ["deletedDateTime", "displayName", "description"],
  }),
  securityDefaultsPolicy: writeRule({
    permissions: [writing.policyRead, writing.securityDefaults],
    create: oneATenant,
    strip: ["displayName", "description", "deletedDateTime"],
    confirmation: "Security defaults and enabled conditional access policies exclude each other.",
  }),
} as const satisfies Record<string, WriteRule>;
