import type { GraphObject } from "#sandbox/json";

/** Where these policies are in the sandbox, and what the catalog calls them. */
export const collection = "deviceManagement/deviceCompliancePolicies";
export const policy_type = "deviceCompliancePolicy";

/** A policy that takes two writes to restore: one that makes it, and one that assigns it. */
export function compliancePolicy(n: number): GraphObject & { id: string } {
  return {
    "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
    id: `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`,
    displayName: `Policy ${n}`,
    description: "as it was",
    roleScopeTagIds: ["0"],
    passwordRequired: true,
    scheduledActionsForRule: [
      {
        id: `${String(n).padStart(8, "0")}-1111-4000-8000-000000000000`,
        ruleName: "PasswordRequired",
        scheduledActionConfigurations: [
          {
            id: `${String(n).padStart(8, "0")}-2222-4000-8000-000000000000`,
            actionType: "block",
            gracePeriodHours: 0,
            notificationTemplateId: "00000000-0000-0000-0000-000000000000",
            notificationMessageCCList: [],
          },
        ],
      },
    ],
    assignments: [
      {
        id: `${n}_allDevices`,
        source: "direct",
        target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" },
      },
    ],
  };
}
