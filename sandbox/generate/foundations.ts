import type { Json } from "../json.ts";
import { base64, description, intuneCommon, plainAssignments, scopeTags, times } from "./common.ts";
import type { Group, Kind, Making } from "./kind.ts";

const DM = "deviceManagement";

const ASSIGNMENT_FILTER: Kind = {
  type: "deviceAndAppManagementAssignmentFilter",
  props(making) {
    const random = making.random("filter");
    const platform = random.pick(["windows10AndLater", "iOS", "androidForWork", "macOS"]);
    return {
      ...times(random),
      displayName: `${platform} - corporate #${making.ordinal + 1}`,
      description: description(random),
      platform,
      rule: `(device.deviceOwnership -eq "Corporate") and (device.model -startsWith "${random.hex(4)}")`,
      roleScopeTags: scopeTags(making, random),
      payloads: [],
      assignmentFilterManagementType: "devices",
    };
  },
};

const SCOPE_TAG: Kind = {
  type: "roleScopeTag",
  props(making) {
    const builtIn = making.ordinal === 0;
    return {
      displayName: builtIn ? "Default" : `Site ${making.ordinal} – ${making.random("tag").hex(4)}`,
      description: builtIn ? "" : "Local IT",
      isBuiltIn: builtIn,
    };
  },
  navigations: { assignments: () => [] },
};

const ACTIONS = ["Microsoft.Intune_ManagedDevices_Read", "Microsoft.Intune_DeviceConfigurations_Read"];

/** Each assignment is of one role: assignment n of role n, as far as there are roles. */
function roleAssignmentsOf(making: Making): Json {
  const { world, ordinal } = making;
  const roles = Math.max(1, world.countOf(`${DM}/roleDefinitions`));
  const assigned: Json[] = [];
  for (let n = ordinal; n < world.countOf(`${DM}/roleAssignments`); n += roles) {
    assigned.push(world.propsIn(`${DM}/roleAssignments`, n));
  }
  return assigned;
}

const ROLE_DEFINITION: Kind = {
  type: "deviceAndAppManagementRoleDefinition",
  props(making) {
    const random = making.random("role");
    const builtIn = ["Policy and Profile manager", "Help Desk Operator", "Read Only Operator"][
      making.ordinal
    ];
    const allowed = [...ACTIONS, ...(random.chance(0.5) ? ["Microsoft.Intune_MobileApps_Read"] : [])];
    return {
      displayName: builtIn ?? `Own role ${making.ordinal + 1}`,
      description: builtIn ? "Built-in" : "Own role",
      isBuiltInRoleDefinition: builtIn !== undefined,
      isBuiltIn: builtIn !== undefined,
      roleScopeTagIds: ["0"],
      permissions: [
        {
          actions: allowed,
          resourceActions: [{ allowedResourceActions: allowed, notAllowedResourceActions: [] }],
        },
      ],
      rolePermissions: [
        {
          actions: allowed,
          resourceActions: [{ allowedResourceActions: allowed, notAllowedResourceActions: [] }],
        },
      ],
    };
  },
  navigations: { roleAssignments: roleAssignmentsOf },
};

const ROLE_ASSIGNMENT: Kind = {
  type: "deviceAndAppManagementRoleAssignment",
  props(making) {
    const random = making.random("assignment");
    return {
      displayName: `Helpdesk assignment ${making.ordinal + 1}`,
      description: "",
      scopeMembers: [making.world.groupId(random.int(0, 9))],
      scopeType: "resourceScope",
      resourceScopes: [making.world.groupId(random.int(0, 9))],
      members: [making.world.groupId(random.int(0, 9))],
      roleScopeTagIds: scopeTags(making, random),
    };
  },
  navigations: {
    roleScopeTags(making) {
      const own = making.world.propsIn(`${DM}/roleScopeTags`, making.ordinal);
      return own.id === undefined ? [] : [own];
    },
    roleDefinition: (making) => ({
      id: making.world.idIn(`${DM}/roleDefinitions`, making.ordinal) ?? "",
      displayName: "Role",
      description: "",
      isBuiltIn: false,
    }),
  },
};

const NOTIFICATION_TEMPLATE: Kind = {
  type: "notificationMessageTemplate",
  props(making) {
    const random = making.random("template");
    return {
      lastModifiedDateTime: random.dateTime(),
      displayName: `Not compliant #${making.ordinal + 1}`,
      description: null,
      defaultLocale: "en-us",
      brandingOptions: "includeCompanyLogo,includeCompanyName",
      roleScopeTagIds: scopeTags(making, random),
    };
  },
  navigations: {
    localizedNotificationMessages(making) {
      const random = making.random("messages");
      return ["en-us", "de-de", "fr-fr"].slice(0, random.int(1, 3)).map((locale) => ({
        id: `${making.id}_${locale}`,
        lastModifiedDateTime: random.dateTime(),
        locale,
        subject: locale === "de-de" ? "Ihr Gerät ist nicht konform" : "Your device is not compliant",
        messageTemplate: `<p>Hello {{UserName}},<br/>please update {{DeviceName}}. (${random.hex(4)})</p>`,
        isDefault: locale === "en-us",
      }));
    },
  },
};

const TERMS: Kind = {
  type: "termsAndConditions",
  props(making) {
    const random = making.random("terms");
    return {
      ...times(random),
      modifiedDateTime: random.dateTime(),
      displayName: `Terms of use ${making.ordinal + 1}`,
      description: "",
      title: "Terms of use",
      bodyText: "By enrolling this device you agree to its management.",
      acceptanceStatement: "I agree",
      version: random.int(1, 4),
      roleScopeTagIds: scopeTags(making, random),
    };
  },
  navigations: { assignments: plainAssignments },
};

const REUSABLE_SETTING: Kind = {
  type: "deviceManagementReusablePolicySetting",
  props(making) {
    const random = making.random("reusable");
    return {
      ...times(random),
      displayName: `Reusable group ${making.ordinal + 1}`,
      description: description(random),
      settingDefinitionId: "vendor_msft_firewall_mdmstore_dynamickeywords_addresses_{id}",
      settingInstance: {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationGroupSettingCollectionInstance",
        settingDefinitionId: "vendor_msft_firewall_mdmstore_dynamickeywords_addresses_{id}",
        settingInstanceTemplateReference: null,
        groupSettingCollectionValue: [
          {
            settingValueTemplateReference: null,
            children: [
              {
                "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
                settingDefinitionId: "vendor_msft_firewall_mdmstore_dynamickeywords_addresses_{id}_keyword",
                settingInstanceTemplateReference: null,
                simpleSettingValue: {
                  "@odata.type": "#microsoft.graph.deviceManagementConfigurationStringSettingValue",
                  settingValueTemplateReference: null,
                  value: `${random.hex(8)}.contoso.example`,
                },
              },
            ],
          },
        ],
      },
      version: random.int(1, 5),
      referencingConfigurationPolicyCount: random.int(0, 4),
    };
  },
};

const DEVICE_CATEGORY: Kind = {
  type: "deviceCategory",
  props: (making) => ({
    displayName: ["Kiosk", "Office", "Shop floor", "Lab"][making.ordinal] ?? `Category ${making.ordinal + 1}`,
    description: "",
    roleScopeTagIds: ["0"],
  }),
};

const logo =
  (name: string) =>
  (making: Making): Json =>
    making.ordinal === 0 ? { type: "image/png", value: base64(making.random(name).hex(300)) } : null;

const BRANDING: Kind = {
  type: "intuneBrandingProfile",
  props(making) {
    const { version: _, displayName, description: text, ...common } = intuneCommon(making, "Branding");
    const random = making.random("branding");
    return {
      ...common,
      profileName: displayName ?? "",
      profileDescription: text ?? "",
      isDefaultProfile: making.ordinal === 0,
      displayName: "Contoso",
      themeColor: { r: random.int(0, 255), g: random.int(0, 255), b: random.int(0, 255) },
      showLogo: false,
      showDisplayNameNextToLogo: true,
      themeColorLogo: null,
      lightBackgroundLogo: null,
      landingPageCustomizedImage: null,
      contactITName: "IT",
      contactITPhoneNumber: "+49 30 000000",
      privacyUrl: "https://contoso.example/privacy",
      enrollmentAvailability: "availableWithPrompts",
      disableClientTelemetry: making.ordinal === 1,
    };
  },
  navigations: {
    assignments: plainAssignments,
    themeColorLogo: logo("themeColorLogo"),
    lightBackgroundLogo: logo("lightBackgroundLogo"),
    landingPageCustomizedImage: () => null,
  },
};

/** Foundations grow far slower than policies. */
const few = (base: number) => (policies: number) => base + Math.round(Math.sqrt(policies) / 4);

export const foundationGroups: readonly Group[] = [
  { collection: `${DM}/assignmentFilters`, foundation: few(4), kinds: [ASSIGNMENT_FILTER] },
  { collection: `${DM}/roleScopeTags`, foundation: few(3), kinds: [SCOPE_TAG], numberedIds: true },
  { collection: `${DM}/roleDefinitions`, foundation: few(4), kinds: [ROLE_DEFINITION] },
  { collection: `${DM}/roleAssignments`, foundation: few(1), kinds: [ROLE_ASSIGNMENT] },
  { collection: `${DM}/notificationMessageTemplates`, foundation: few(2), kinds: [NOTIFICATION_TEMPLATE] },
  { collection: `${DM}/termsAndConditions`, foundation: () => 2, kinds: [TERMS] },
  { collection: `${DM}/reusablePolicySettings`, foundation: few(2), kinds: [REUSABLE_SETTING] },
  { collection: `${DM}/deviceCategories`, foundation: () => 4, kinds: [DEVICE_CATEGORY] },
  { collection: `${DM}/intuneBrandingProfiles`, foundation: () => 2, kinds: [BRANDING] },
];
