import type { Child, PolicyType } from "../policy-type.ts";
import { assignments, DM, entries, permissions } from "./entry.ts";
import { settings } from "./settings-catalog.ts";

const scheduledActionsForRule: Child = {
  key: "scheduledActionsForRule",
  query: "$expand=scheduledActionConfigurations",
};

export const compliance: readonly PolicyType[] = entries("policy", "Compliance", [
  {
    key: "deviceCompliancePolicy",
    label: "Device compliance policies",
    path: `${DM}/deviceCompliancePolicies`,
    declares: "deviceCompliancePolicy",
    permission: permissions.configuration,
    listExpand: "scheduledActionsForRule($expand=scheduledActionConfigurations),assignments",
    children: [scheduledActionsForRule, assignments],
    exportFolder: "CompliancePolicies",
  },
  {
    key: "linuxCompliancePolicy",
    label: "Linux compliance policies",
    path: `${DM}/compliancePolicies`,
    declares: "deviceManagementCompliancePolicy",
    permission: permissions.configuration,
    listExpand: "assignments",
    children: [settings, scheduledActionsForRule, assignments],
    exportFolder: "CompliancePoliciesV2",
  },
  {
    key: "deviceComplianceScript",
    label: "Compliance scripts",
    path: `${DM}/deviceComplianceScripts`,
    declares: "deviceComplianceScript",
    permission: permissions.scripts,
    readById: true,
    volatile: ["runSummary"],
    exportFolder: "ComplianceScripts",
  },
]);
