import { assignAll, type WriteRule, writeRule, writing } from "./write-rule.ts";

export const intentRules = {
  endpointSecurityIntent: writeRule({
    permissions: [writing.configuration],
    create: { from: "template", only: null, first: null },
    strip: ["templateId", "isMigratingToConfigurationPolicy", "categories", "settings"],
    fixed: ["templateId"],
    parts: [
      { kind: "updateSettings", of: "settings", method: "POST", path: "updateSettings", createdInline: true },
    ],
    assign: assignAll,
    traps: [
      "Of a template that Microsoft retired no new policy can be made: it is restored in place only.",
      "A setting that the backup lacks cannot be removed: it stays, and the plan says so.",
    ],
  }),
} as const satisfies Record<string, WriteRule>;
