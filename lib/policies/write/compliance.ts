import { assignAll, type WriteRule, writeRule, writing } from "./write-rule.ts";

export const complianceRules = {
  deviceCompliancePolicy: writeRule({
    permissions: [writing.configuration],
    inline: ["scheduledActionsForRule"],
    stripOnUpdate: ["scheduledActionsForRule"],
    parts: [
      {
        kind: "scheduleActionsForRules",
        of: "scheduledActionsForRule",
        method: "POST",
        path: "scheduleActionsForRules",
        createdInline: true,
      },
    ],
    assign: assignAll,
    references: [
      {
        path: "scheduledActionsForRule/scheduledActionConfigurations/notificationTemplateId",
        kind: "notificationTemplate",
      },
      {
        path: "scheduledActionsForRule/scheduledActionConfigurations/notificationMessageCCList",
        kind: "group",
      },
      { path: "deviceCompliancePolicyScript/deviceComplianceScriptId", kind: "complianceScript" },
    ],
    traps: [
      "Graph refuses a policy without exactly one action of kind block.",
      "Actions for noncompliance are not taken by PATCH: they go through an action of their own.",
    ],
  }),
  linuxCompliancePolicy: writeRule({
    permissions: [writing.configuration],
    update: { method: "PUT" },
    inline: ["settings"],
    strip: ["settingCount", "settings/settingDefinitions", "creationSource", "scheduledActionsForRule"],
    fixed: ["platforms", "technologies"],
    parts: [
      {
        kind: "setScheduledActions",
        of: "scheduledActionsForRule",
        method: "POST",
        path: "setScheduledActions",
      },
    ],
    assign: assignAll,
    references: [
      { path: "settings/**", kind: "reusableSetting" },
      {
        path: "scheduledActionsForRule/scheduledActionConfigurations/notificationTemplateId",
        kind: "notificationTemplate",
      },
      {
        path: "scheduledActionsForRule/scheduledActionConfigurations/notificationMessageCCList",
        kind: "group",
      },
    ],
  }),
  deviceComplianceScript: writeRule({
    permissions: [writing.scripts],
    stage: "complianceScript",
    strip: ["runSummary"],
    builtIn: [
      { property: "publisher", equals: "Microsoft", allows: "nothing", why: "Microsoft keeps this script." },
    ],
    traps: ["It takes up to two minutes until a compliance policy may refer to a new script."],
  }),
} as const satisfies Record<string, WriteRule>;
