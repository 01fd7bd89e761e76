import type { PolicyType } from "../policy-type.ts";
import { assignments, DM, entries, permissions } from "./entry.ts";

export const foundations: readonly PolicyType[] = entries("foundation", "Foundations", [
  {
    key: "assignmentFilter",
    label: "Assignment filters",
    path: `${DM}/assignmentFilters`,
    declares: "deviceAndAppManagementAssignmentFilter",
    permission: permissions.configuration,
    exportFolder: "AssignmentFilters",
  },
  {
    key: "roleScopeTag",
    label: "Scope tags",
    path: `${DM}/roleScopeTags`,
    declares: "roleScopeTag",
    permission: permissions.configuration,
    alsoGrantedBy: [permissions.rbac],
    // Expanded in the list they come back empty, whatever they are.
    children: [assignments],
    exportFolder: "ScopeTags",
  },
  {
    key: "roleDefinition",
    label: "Intune roles",
    path: `${DM}/roleDefinitions`,
    declares: "roleDefinition",
    permission: permissions.rbac,
    alsoGrantedBy: [permissions.configuration],
    children: [
      {
        key: "roleAssignments",
        wholeAt: `${DM}/roleAssignments`,
        wholeQuery: "$expand=microsoft.graph.deviceAndAppManagementRoleAssignment/roleScopeTags",
      },
    ],
    exportFolder: "RoleDefinitions",
  },
  {
    key: "notificationMessageTemplate",
    label: "Notification templates",
    path: `${DM}/notificationMessageTemplates`,
    declares: "notificationMessageTemplate",
    permission: permissions.service,
    listExpand: "localizedNotificationMessages",
    children: [{ key: "localizedNotificationMessages" }],
    exportFolder: "Notifications",
  },
  {
    key: "termsAndConditions",
    label: "Terms and conditions",
    path: `${DM}/termsAndConditions`,
    declares: "termsAndConditions",
    permission: permissions.service,
    children: [assignments],
    exportFolder: "TermsAndConditions",
  },
  {
    key: "reusablePolicySetting",
    label: "Reusable settings",
    path: `${DM}/reusablePolicySettings`,
    declares: "deviceManagementReusablePolicySetting",
    permission: permissions.configuration,
    selectOnly: ["settingInstance"],
    volatile: ["referencingConfigurationPolicyCount"],
    exportFolder: "ReusableSettings",
  },
  {
    key: "deviceCategory",
    label: "Device categories",
    path: `${DM}/deviceCategories`,
    declares: "deviceCategory",
    permission: permissions.configuration,
    alsoGrantedBy: [permissions.devices],
    exportFolder: "DeviceCategories",
  },
  {
    key: "intuneBrandingProfile",
    label: "Company portal branding",
    path: `${DM}/intuneBrandingProfiles`,
    declares: "intuneBrandingProfile",
    permission: permissions.apps,
    alsoGrantedBy: [permissions.service],
    // The images are null in the list and in the profile itself.
    children: [
      assignments,
      { key: "themeColorLogo", shape: "object" },
      { key: "lightBackgroundLogo", shape: "object" },
      { key: "landingPageCustomizedImage", shape: "object" },
    ],
    exportFolder: "IntuneBranding",
  },
]);
