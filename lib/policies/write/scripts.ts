import { type AssignRule, type WriteRule, writeRule, writing } from "./write-rule.ts";

const assign: AssignRule = { path: "assign", key: "deviceManagementScriptAssignments", keep: [] };
const script = { permissions: [writing.scripts], strip: ["runSummary"], assign } as const;

export const scriptRules = {
  deviceManagementScript: writeRule(script),
  deviceShellScript: writeRule(script),
  deviceCustomAttributeShellScript: writeRule({
    ...script,
    stripOnUpdate: ["customAttributeName", "customAttributeType", "displayName"],
    fixed: ["customAttributeName", "customAttributeType", "displayName"],
  }),
  deviceHealthScript: writeRule({
    ...script,
    strip: ["runSummary", "isGlobalScript", "highestAvailableVersion", "deviceHealthScriptType"],
    assign: {
      path: "assign",
      key: "deviceHealthScriptAssignments",
      keep: ["runRemediationScript", "runSchedule"],
    },
    builtIn: [
      {
        property: "isGlobalScript",
        equals: true,
        allows: "assign",
        why: "Microsoft keeps this script: only its assignments can be restored.",
      },
    ],
  }),
} as const satisfies Record<string, WriteRule>;
