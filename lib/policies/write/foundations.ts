import { assignAll, type WriteRule, writeRule, writing } from "./write-rule.ts";

export const foundationRules = {
  assignmentFilter: writeRule({
    permissions: [writing.configuration],
    stage: "assignmentFilter",
    strip: ["payloads"],
    stripOnUpdate: ["platform", "assignmentFilterManagementType"],
    fixed: ["platform", "assignmentFilterManagementType"],
  }),
  roleScopeTag: writeRule({
    permissions: [writing.rbac],
    stage: "scopeTag",
    strip: ["isBuiltIn"],
    assign: assignAll,
    builtIn: [
      {
        property: "isBuiltIn",
        equals: true,
        allows: "nothing",
        why: "Every tenant has the default scope tag, and it cannot be changed.",
      },
    ],
    traps: ["Its id is a small number that each tenant counts by itself: it is found again by name."],
  }),
  roleDefinition: writeRule({
    permissions: [writing.rbac],
    stage: "roleDefinition",
    strip: [
      "isBuiltIn",
      "isBuiltInRoleDefinition",
      "roleAssignments",
      "permissions",
      "rolePermissions/actions",
    ],
    parts: [
      {
        kind: "roleAssignments",
        of: "roleAssignments",
        method: "POST",
        path: "deviceManagement/roleAssignments",
      },
    ],
    references: [
      { path: "roleAssignments/members", kind: "group" },
      { path: "roleAssignments/resourceScopes", kind: "group" },
      { path: "roleAssignments/scopeMembers", kind: "group" },
      { path: "roleAssignments/roleScopeTags/id", kind: "scopeTag" },
      { path: "roleAssignments/roleScopeTagIds", kind: "scopeTag" },
    ],
    builtIn: [
      {
        property: "isBuiltIn",
        equals: true,
        allows: "assign",
        why: "Microsoft keeps this role: only its assignments can be restored.",
      },
    ],
    confirmation: "It decides who may do what in Intune.",
    traps: ["An assignment that the backup lacks stays, and the plan says so: nothing is deleted."],
  }),
  notificationMessageTemplate: writeRule({
    permissions: [writing.service],
    stage: "notificationTemplate",
    strip: ["localizedNotificationMessages"],
    stripOnCreate: ["defaultLocale"],
    parts: [
      {
        kind: "localizedNotificationMessages",
        of: "localizedNotificationMessages",
        method: "POST",
        path: "localizedNotificationMessages",
      },
    ],
    builtIn: [
      {
        property: "displayName",
        equals: "EnrollmentNotificationInternalMEO",
        allows: "nothing",
        why: "Intune keeps this template for itself.",
      },
    ],
    traps: ["Messages are written one by one, that of the default language first."],
  }),
  termsAndConditions: writeRule({
    permissions: [writing.service],
    assign: { oneByOne: true },
    traps: [
      "Assignments are added one by one. One that the backup lacks stays, and the plan says so: nothing is deleted.",
    ],
  }),
  reusablePolicySetting: writeRule({
    permissions: [writing.configuration],
    stage: "reusableSetting",
    update: { method: "PUT" },
    strip: ["referencingConfigurationPolicyCount"],
    fixed: ["settingDefinitionId"],
  }),
  deviceCategory: writeRule({ permissions: [writing.configuration] }),
  intuneBrandingProfile: writeRule({
    permissions: [writing.apps],
    create: {
      from: null,
      only: null,
      // Telemetry can be set then and never again.
      first: ["profileName", "profileDescription", "roleScopeTagIds", "disableClientTelemetry"],
    },
    inline: ["themeColorLogo", "lightBackgroundLogo", "landingPageCustomizedImage"],
    strip: ["isDefaultProfile"],
    stripOnUpdate: ["disableClientTelemetry"],
    assign: assignAll,
    builtIn: [
      {
        property: "isDefaultProfile",
        equals: true,
        allows: "update",
        why: "Each tenant has one default profile: it is changed, never made.",
      },
    ],
    traps: ["Whether clients send telemetry is said when a profile is made: Graph takes no change of it."],
  }),
} as const satisfies Record<string, WriteRule>;
