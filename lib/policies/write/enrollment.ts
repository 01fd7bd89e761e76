import { type BuiltInRule, type PartRule, type WriteRule, writeRule, writing } from "./write-rule.ts";

const defaults: readonly BuiltInRule[] = [
  {
    property: "id",
    equals: "_Default",
    contains: true,
    allows: "update",
    why: "Each tenant has one default: it is changed, never made.",
  },
];

const priority: PartRule = { kind: "setPriority", of: "priority", method: "POST", path: "setPriority" };

const enrollment = {
  permissions: [writing.service],
  strip: ["priority", "deviceEnrollmentConfigurationType", "windowsMobileRestriction"],
  stripOnUpdate: ["platformType"],
  fixed: ["platformType"],
  parts: [priority],
  assign: { path: "assign", key: "enrollmentConfigurationAssignments", keep: [] },
  builtIn: defaults,
} as const;

export const enrollmentRules = {
  windowsAutopilotDeploymentProfile: writeRule({
    permissions: [writing.service],
    // All but the last are older names of what is sent under newer ones.
    strip: [
      "language",
      "enableWhiteGlove",
      "extractHardwareHash",
      "outOfBoxExperienceSettings",
      "domainJoinConfiguration",
    ],
    stripOnUpdate: ["managementServiceAppId"],
    parts: [
      {
        kind: "links",
        of: "domainJoinConfiguration",
        method: "PUT",
        path: "microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile/domainJoinConfiguration/$ref",
      },
    ],
    assign: { oneByOne: true },
    references: [{ path: "domainJoinConfiguration/id", kind: "deviceConfiguration" }],
    traps: [
      "Assignments are added one by one. One that the backup lacks stays, and the plan says so: nothing is deleted.",
    ],
  }),
  enrollmentRestriction: writeRule({
    ...enrollment,
    delegatedOnly:
      "Microsoft Graph lets only a signed-in Intune administrator write enrollment restrictions, and no application.",
  }),
  windowsEnrollmentStatusPage: writeRule({
    ...enrollment,
    references: [{ path: "selectedMobileAppIds", kind: "app" }],
  }),
  deviceEnrollmentLimitConfiguration: writeRule(enrollment),
  deviceEnrollmentNotificationConfiguration: writeRule({
    ...enrollment,
    strip: [...enrollment.strip, "notificationMessageTemplateId"],
    stripOnUpdate: ["platformType", "templateType", "brandingOptions", "notificationTemplates"],
    fixed: ["platformType", "templateType"],
    traps: [
      "A new notification gets templates of its own from Graph: their texts are written by hand.",
      "Notifications of several platforms may bear one name: they are told apart by platform.",
    ],
  }),
} as const satisfies Record<string, WriteRule>;
