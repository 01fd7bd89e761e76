import { assignAll, type WriteRule, writeRule, writing } from "./write-rule.ts";

export const intentRules = {
  endpointSecurityIntent: writeRule({
    permissions: [writing.configuration],
    create: { from: "template", only: null, first: null },
    strip: ["isMigratingToConfigurationPolicy", "categories", "settings"],
    stripOnUpdate: ["templateId"],
    fixed: ["templateId"],
    parts: [
      { kind: "updateSettings", of: "settings", method: "POST", path: "updateSettings", createdInline: true },
    ],
    assign: assignAll,
    templates: {
      path: "deviceManagement/templates",
      of: "templateId",
      retired: { property: "isDeprecated", values: [true] },
      settings: null,
    },
    successor: {
      path: "deviceManagement/configurationPolicies",
      name: "name",
      moving: "isMigratingToConfigurationPolicy",
    },
    traps: [
      "Microsoft turns these policies into ones of the settings catalog: where such a one bears its name, it is not made again.",
      "Of a template that Microsoft retired no new policy can be made: it is restored in place only.",
      "The onboarding file of Defender for Endpoint cannot be read, so a person gives it again, unless Intune fetches it or the live policy still holds the same.",
      "A setting that the backup lacks cannot be removed: it stays, and the plan says so.",
    ],
  }),
} as const satisfies Record<string, WriteRule>;
