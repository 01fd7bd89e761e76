import { familyOf, type ThrottleFamily } from "#lib/graph/families";

export type PolicyKind = "policy" | "foundation";

/** Objects below an item that Graph serves from an endpoint of their own; stored inline under `key`. */
export interface ChildCollection {
  /** The property of the stored document, and the path segment below the item unless `path` says otherwise. */
  key: string;
  path?: string;
  /** Query without `?`, such as `$expand=definition`. */
  query?: string;
  /** The item's property that announces how many there are. */
  announcedBy?: string;
  /** Collections below each child. */
  children?: readonly ChildCollection[];
  /** A collection where each child is read again by id, because the list below the item abridges it. */
  wholeAt?: string;
}

/** Tells types apart that share a collection. Compares without regard to case; a missing property is "". */
export interface Selector {
  /** Property path, dots between nested ones. */
  property: "@odata.type" | "templateReference.templateFamily";
  equals?: readonly string[];
  startsWith?: string;
  /** The selector holds for the items that do NOT match. */
  negated?: true;
}

/** The typed collection of one `@odata.type`, where alone its children exist. */
export interface TypedCollection {
  path: string;
  children: readonly ChildCollection[];
}

/** One kind of configuration object that can be captured: a policy type or a foundation. */
export interface PolicyType {
  key: string;
  kind: PolicyKind;
  label: string;
  category: string;
  /** Path of the collection, or of the object itself when `single`; without version and leading slash. */
  path: string;
  version: "v1.0" | "beta";
  /** The least application permission that reads it. */
  permission: string;
  /** Other application permissions that read it too, beside the ReadWrite form of `permission`. */
  alsoGrantedBy: readonly string[];
  family: ThrottleFamily;
  /** One object a tenant rather than a collection. */
  single: boolean;
  /** Null: the whole collection is of this type. All must hold. */
  selectors: readonly Selector[];
  /** `$expand` to ask for in the list; when Graph refuses it, the children are read one by one. */
  listExpand: string | null;
  /** The list abridges: each item is read again by id, its children expanded where Graph allows. */
  readById: boolean;
  /** Typed collections by `@odata.type` without `#microsoft.graph.`; read by id there instead of at `path`. */
  typed: Readonly<Record<string, TypedCollection>> | null;
  /** Properties that the list omits and Graph returns only when they are selected by name. */
  selectOnly: readonly string[];
  children: readonly ChildCollection[];
  /** Root properties that change without an administrator's doing, beside those of `alwaysVolatile`. */
  volatile: readonly string[];
  /** Folder of exports in the layout of IntuneManagement. */
  exportFolder: string;
}

/** Root properties that are volatile in every type: they say when and by whom, not what. */
export const alwaysVolatile: readonly string[] = [
  "lastModifiedDateTime",
  "modifiedDateTime",
  "lastModifiedBy",
  "lastModifiedByUser",
  "modifiedBy",
  "version",
];

const permissions = {
  C: "DeviceManagementConfiguration.Read.All",
  S: "DeviceManagementServiceConfig.Read.All",
  A: "DeviceManagementApps.Read.All",
  R: "DeviceManagementRBAC.Read.All",
  X: "DeviceManagementScripts.Read.All",
  P: "Policy.Read.All",
} as const;

const DM = "deviceManagement";
const AM = "deviceAppManagement";

const assignments: ChildCollection = { key: "assignments" };
const apps: ChildCollection = { key: "apps" };
const settings: ChildCollection = { key: "settings", announcedBy: "settingCount" };
const scheduledActionsForRule: ChildCollection = {
  key: "scheduledActionsForRule",
  query: "$expand=scheduledActionConfigurations",
};

const templateFamily = "templateReference.templateFamily";
const updateRing = "#microsoft.graph.windowsUpdateForBusinessConfiguration";
const managedAppConfiguration = "#microsoft.graph.targetedManagedAppConfiguration";

type Entry = Pick<PolicyType, "key" | "label" | "path" | "exportFolder"> & {
  permission: keyof typeof permissions;
} & Partial<
    Pick<
      PolicyType,
      | "version"
      | "alsoGrantedBy"
      | "single"
      | "selectors"
      | "listExpand"
      | "readById"
      | "typed"
      | "selectOnly"
      | "children"
      | "volatile"
    >
  >;

function entries(kind: PolicyKind, category: string, list: Entry[]): PolicyType[] {
  return list.map((entry) => ({
    kind,
    category,
    version: "beta",
    alsoGrantedBy: [],
    single: false,
    selectors: [],
    listExpand: null,
    readById: false,
    typed: null,
    selectOnly: [],
    children: [],
    volatile: [],
    ...entry,
    permission: permissions[entry.permission],
    family: familyOf(entry.path),
  }));
}

/** What a configurationPolicies type needs: settings are paged below each policy, 25 a page. */
const settingsCatalog = {
  path: `${DM}/configurationPolicies`,
  permission: "C",
  listExpand: "assignments",
  children: [settings, assignments],
  exportFolder: "SettingsCatalog",
} as const;

const enrollment = {
  path: `${DM}/deviceEnrollmentConfigurations`,
  version: "v1.0",
  permission: "S",
  listExpand: "assignments",
  children: [assignments],
} as const;

const script = {
  permission: "X",
  readById: true,
  children: [assignments],
  volatile: ["runSummary"],
} as const;

/** Every type that can be captured, in the order in which people see them. */
export const catalog: readonly PolicyType[] = [
  ...entries("policy", "Device configuration", [
    {
      key: "settingsCatalogPolicy",
      label: "Settings catalog policies",
      ...settingsCatalog,
      selectors: [
        { property: templateFamily, startsWith: "endpointSecurity", negated: true },
        { property: templateFamily, equals: ["baseline"], negated: true },
      ],
    },
    {
      key: "deviceConfiguration",
      label: "Device configuration profiles",
      path: `${DM}/deviceConfigurations`,
      version: "v1.0",
      permission: "C",
      selectors: [{ property: "@odata.type", equals: [updateRing], negated: true }],
      listExpand: "assignments",
      children: [assignments],
      exportFolder: "DeviceConfiguration",
    },
    {
      key: "groupPolicyConfiguration",
      label: "Administrative templates",
      path: `${DM}/groupPolicyConfigurations`,
      permission: "C",
      listExpand: "assignments",
      children: [
        {
          key: "definitionValues",
          query: "$expand=definition",
          children: [{ key: "presentationValues", query: "$expand=presentation" }],
        },
        assignments,
      ],
      exportFolder: "AdministrativeTemplates",
    },
    {
      key: "policySet",
      label: "Policy sets",
      path: `${AM}/policySets`,
      permission: "C",
      readById: true,
      children: [{ key: "items" }, assignments],
      volatile: ["status", "errorCode"],
      exportFolder: "PolicySets",
    },
  ]),
  ...entries("policy", "Endpoint security", [
    {
      key: "endpointSecurityPolicy",
      label: "Endpoint security policies",
      ...settingsCatalog,
      selectors: [{ property: templateFamily, startsWith: "endpointSecurity" }],
    },
    {
      key: "securityBaselinePolicy",
      label: "Security baselines",
      ...settingsCatalog,
      selectors: [{ property: templateFamily, equals: ["baseline"] }],
    },
    {
      key: "endpointSecurityIntent",
      label: "Endpoint security intents (legacy)",
      path: `${DM}/intents`,
      permission: "C",
      // The settings twice: by category as Graph groups them, and flat as the restore action takes them.
      children: [{ key: "categories", children: [{ key: "settings" }] }, { key: "settings" }, assignments],
      exportFolder: "EndpointSecurity",
    },
  ]),
  ...entries("policy", "Compliance", [
    {
      key: "deviceCompliancePolicy",
      label: "Device compliance policies",
      path: `${DM}/deviceCompliancePolicies`,
      version: "v1.0",
      permission: "C",
      listExpand: "scheduledActionsForRule($expand=scheduledActionConfigurations),assignments",
      children: [scheduledActionsForRule, assignments],
      exportFolder: "CompliancePolicies",
    },
    {
      key: "linuxCompliancePolicy",
      label: "Linux compliance policies",
      path: `${DM}/compliancePolicies`,
      permission: "C",
      listExpand: "assignments",
      children: [settings, scheduledActionsForRule, assignments],
      exportFolder: "CompliancePoliciesV2",
    },
    {
      key: "deviceComplianceScript",
      label: "Compliance scripts",
      path: `${DM}/deviceComplianceScripts`,
      permission: "X",
      readById: true,
      volatile: ["runSummary"],
      exportFolder: "ComplianceScripts",
    },
  ]),
  ...entries("policy", "Windows updates", [
    {
      key: "windowsUpdateRing",
      label: "Update rings",
      path: `${DM}/deviceConfigurations`,
      version: "v1.0",
      permission: "C",
      selectors: [{ property: "@odata.type", equals: [updateRing] }],
      listExpand: "assignments",
      children: [assignments],
      exportFolder: "UpdatePolicies",
    },
    {
      key: "windowsFeatureUpdateProfile",
      label: "Feature updates",
      path: `${DM}/windowsFeatureUpdateProfiles`,
      permission: "C",
      listExpand: "assignments",
      children: [assignments],
      volatile: ["endOfSupportDate"],
      exportFolder: "FeatureUpdates",
    },
    {
      key: "windowsQualityUpdateProfile",
      label: "Quality updates",
      path: `${DM}/windowsQualityUpdateProfiles`,
      permission: "C",
      listExpand: "assignments",
      children: [assignments],
      exportFolder: "QualityUpdates",
    },
    {
      key: "windowsDriverUpdateProfile",
      label: "Driver updates",
      path: `${DM}/windowsDriverUpdateProfiles`,
      permission: "C",
      listExpand: "assignments",
      children: [assignments],
      volatile: ["newUpdates", "deviceReporting", "inventorySyncStatus"],
      exportFolder: "DriverUpdateProfiles",
    },
  ]),
  ...entries("policy", "Scripts", [
    {
      key: "deviceManagementScript",
      label: "PowerShell scripts",
      path: `${DM}/deviceManagementScripts`,
      ...script,
      exportFolder: "PowerShellScripts",
    },
    {
      key: "deviceShellScript",
      label: "Shell scripts",
      path: `${DM}/deviceShellScripts`,
      ...script,
      exportFolder: "MacScripts",
    },
    {
      key: "deviceCustomAttributeShellScript",
      label: "Custom attribute scripts",
      path: `${DM}/deviceCustomAttributeShellScripts`,
      ...script,
      exportFolder: "MacCustomAttributes",
    },
    {
      key: "deviceHealthScript",
      label: "Remediation scripts",
      path: `${DM}/deviceHealthScripts`,
      ...script,
      volatile: ["runSummary", "highestAvailableVersion"],
      exportFolder: "DeviceHealthScripts",
    },
  ]),
  ...entries("policy", "Enrollment", [
    {
      key: "windowsAutopilotDeploymentProfile",
      label: "Autopilot deployment profiles",
      path: `${DM}/windowsAutopilotDeploymentProfiles`,
      permission: "S",
      listExpand: "assignments",
      children: [assignments],
      exportFolder: "AutoPilot",
    },
    {
      key: "enrollmentRestriction",
      label: "Enrollment restrictions",
      ...enrollment,
      selectors: [
        {
          property: "@odata.type",
          equals: [
            "#microsoft.graph.deviceEnrollmentPlatformRestrictionsConfiguration",
            "#microsoft.graph.deviceEnrollmentPlatformRestrictionConfiguration",
          ],
        },
      ],
      exportFolder: "EnrollmentRestrictions",
    },
    {
      key: "windowsEnrollmentStatusPage",
      label: "Enrollment status pages",
      ...enrollment,
      selectors: [
        {
          property: "@odata.type",
          equals: ["#microsoft.graph.windows10EnrollmentCompletionPageConfiguration"],
        },
      ],
      exportFolder: "EnrollmentStatusPage",
    },
    {
      key: "deviceEnrollmentLimitConfiguration",
      label: "Device enrollment limits",
      ...enrollment,
      selectors: [
        { property: "@odata.type", equals: ["#microsoft.graph.deviceEnrollmentLimitConfiguration"] },
      ],
      exportFolder: "EnrollmentRestrictions",
    },
    {
      key: "deviceEnrollmentNotificationConfiguration",
      label: "Enrollment notifications",
      ...enrollment,
      selectors: [
        { property: "@odata.type", equals: ["#microsoft.graph.deviceEnrollmentNotificationConfiguration"] },
      ],
      exportFolder: "EnrollmentNotifications",
    },
  ]),
  ...entries("policy", "Apps", [
    {
      key: "appProtectionPolicy",
      label: "App protection policies",
      path: `${AM}/managedAppPolicies`,
      version: "v1.0",
      permission: "A",
      // Graph lists app configurations here too; they are captured as mamAppConfiguration.
      selectors: [{ property: "@odata.type", equals: [managedAppConfiguration], negated: true }],
      readById: true,
      typed: {
        iosManagedAppProtection: { path: `${AM}/iosManagedAppProtections`, children: [apps, assignments] },
        androidManagedAppProtection: {
          path: `${AM}/androidManagedAppProtections`,
          children: [apps, assignments],
        },
        windowsManagedAppProtection: {
          path: `${AM}/windowsManagedAppProtections`,
          children: [apps, assignments],
        },
        defaultManagedAppProtection: { path: `${AM}/defaultManagedAppProtections`, children: [apps] },
        mdmWindowsInformationProtectionPolicy: {
          path: `${AM}/mdmWindowsInformationProtectionPolicies`,
          children: [assignments],
        },
        windowsInformationProtectionPolicy: {
          path: `${AM}/windowsInformationProtectionPolicies`,
          children: [assignments],
        },
      },
      volatile: ["deployedAppCount"],
      exportFolder: "AppProtection",
    },
    {
      key: "mamAppConfiguration",
      label: "App configurations (managed apps)",
      path: `${AM}/targetedManagedAppConfigurations`,
      version: "v1.0",
      permission: "A",
      listExpand: "apps,assignments",
      children: [apps, assignments],
      volatile: ["deployedAppCount"],
      exportFolder: "AppConfigurationManagedApp",
    },
    {
      key: "managedDeviceAppConfiguration",
      label: "App configurations (managed devices)",
      path: `${AM}/mobileAppConfigurations`,
      version: "v1.0",
      permission: "A",
      listExpand: "assignments",
      children: [assignments],
      exportFolder: "AppConfigurationManagedDevice",
    },
    {
      key: "mobileApp",
      label: "Apps (metadata)",
      path: `${AM}/mobileApps`,
      version: "v1.0",
      permission: "A",
      listExpand: "assignments,categories",
      children: [assignments, { key: "categories" }],
      volatile: ["uploadState", "usedLicenseCount"],
      exportFolder: "Applications",
    },
  ]),
  ...entries("policy", "Identity", [
    {
      key: "conditionalAccessPolicy",
      label: "Conditional access policies",
      path: "identity/conditionalAccess/policies",
      version: "v1.0",
      permission: "P",
      alsoGrantedBy: ["Policy.Read.ConditionalAccess", "Policy.ReadWrite.ConditionalAccess"],
      exportFolder: "ConditionalAccess",
    },
    {
      key: "namedLocation",
      label: "Named locations",
      path: "identity/conditionalAccess/namedLocations",
      version: "v1.0",
      permission: "P",
      alsoGrantedBy: ["Policy.Read.ConditionalAccess", "Policy.ReadWrite.ConditionalAccess"],
      exportFolder: "NamedLocations",
    },
    {
      key: "authenticationStrengthPolicy",
      label: "Authentication strengths",
      path: "policies/authenticationStrengthPolicies",
      version: "v1.0",
      permission: "P",
      children: [{ key: "combinationConfigurations" }],
      exportFolder: "AuthenticationStrengths",
    },
    {
      key: "authenticationMethodsPolicy",
      label: "Authentication methods policy",
      path: "policies/authenticationMethodsPolicy",
      version: "v1.0",
      permission: "P",
      alsoGrantedBy: ["Policy.ReadWrite.AuthenticationMethod"],
      single: true,
      exportFolder: "AuthenticationMethodsPolicy",
    },
    {
      key: "authorizationPolicy",
      label: "Authorization policy",
      path: "policies/authorizationPolicy",
      version: "v1.0",
      permission: "P",
      alsoGrantedBy: ["Policy.ReadWrite.Authorization"],
      single: true,
      exportFolder: "AuthorizationPolicy",
    },
    {
      key: "securityDefaultsPolicy",
      label: "Security defaults",
      path: "policies/identitySecurityDefaultsEnforcementPolicy",
      version: "v1.0",
      permission: "P",
      single: true,
      exportFolder: "SecurityDefaultsPolicy",
    },
  ]),
  ...entries("foundation", "Foundations", [
    {
      key: "assignmentFilter",
      label: "Assignment filters",
      path: `${DM}/assignmentFilters`,
      permission: "C",
      exportFolder: "AssignmentFilters",
    },
    {
      key: "roleScopeTag",
      label: "Scope tags",
      path: `${DM}/roleScopeTags`,
      permission: "C",
      // Expanded in the list they come back empty, whatever they are.
      children: [assignments],
      exportFolder: "ScopeTags",
    },
    {
      key: "roleDefinition",
      label: "Intune roles",
      path: `${DM}/roleDefinitions`,
      version: "v1.0",
      permission: "R",
      children: [{ key: "roleAssignments", wholeAt: `${DM}/roleAssignments` }],
      exportFolder: "RoleDefinitions",
    },
    {
      key: "notificationMessageTemplate",
      label: "Notification templates",
      path: `${DM}/notificationMessageTemplates`,
      version: "v1.0",
      permission: "S",
      listExpand: "localizedNotificationMessages",
      children: [{ key: "localizedNotificationMessages" }],
      exportFolder: "Notifications",
    },
    {
      key: "termsAndConditions",
      label: "Terms and conditions",
      path: `${DM}/termsAndConditions`,
      version: "v1.0",
      permission: "S",
      children: [assignments],
      exportFolder: "TermsAndConditions",
    },
    {
      key: "reusablePolicySetting",
      label: "Reusable settings",
      path: `${DM}/reusablePolicySettings`,
      permission: "C",
      selectOnly: ["settingInstance"],
      volatile: ["referencingConfigurationPolicyCount"],
      exportFolder: "ReusableSettings",
    },
    {
      key: "deviceCategory",
      label: "Device categories",
      path: `${DM}/deviceCategories`,
      version: "v1.0",
      permission: "C",
      exportFolder: "DeviceCategories",
    },
    {
      key: "intuneBrandingProfile",
      label: "Company portal branding",
      path: `${DM}/intuneBrandingProfiles`,
      permission: "A",
      children: [assignments],
      exportFolder: "IntuneBranding",
    },
  ]),
];

const byKey = new Map(catalog.map((type) => [type.key, type]));

/** Keys that a backup schedule may name. */
export const policyTypeKeys: readonly string[] = keysOf("policy");

/** Keys of what is captured beside the policies when a schedule includes foundations. */
export const foundationKeys: readonly string[] = keysOf("foundation");

/** The type of a key, policy or foundation; undefined when there is none. */
export function findType(key: string): PolicyType | undefined {
  return byKey.get(key);
}

/** Whether an object of the type's collection is of this type. */
export function selects(type: PolicyType, item: Readonly<Record<string, unknown>>): boolean {
  return type.selectors.every((selector) => {
    const value = propertyAt(item, selector.property).toLowerCase();
    const matches = selector.startsWith
      ? value.startsWith(selector.startsWith.toLowerCase())
      : (selector.equals ?? []).some((expected) => expected.toLowerCase() === value);
    return matches !== (selector.negated ?? false);
  });
}

function propertyAt(item: Readonly<Record<string, unknown>>, property: Selector["property"]): string {
  if (property === "@odata.type") {
    const type = item[property];
    return typeof type === "string" ? type : "";
  }
  const reference = item.templateReference;
  const family =
    reference && typeof reference === "object" && "templateFamily" in reference
      ? reference.templateFamily
      : "";
  return typeof family === "string" ? family : "";
}

function keysOf(kind: PolicyKind): string[] {
  return catalog.filter((type) => type.kind === kind).map((type) => type.key);
}
