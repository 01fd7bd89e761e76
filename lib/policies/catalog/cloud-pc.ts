import type { PolicyType } from "../policy-type.ts";
import { assignments, DM, entries, permissions } from "./entry.ts";

const windows365 = {
  since: 2,
  permission: permissions.cloudPc,
  license: "Windows 365",
  unlicensedOn: [403, 404],
} as const;

export const cloudPc: readonly PolicyType[] = entries("policy", "Windows 365", [
  {
    key: "cloudPcProvisioningPolicy",
    label: "Provisioning policies",
    ...windows365,
    path: `${DM}/virtualEndpoint/provisioningPolicies`,
    declares: "cloudPcProvisioningPolicy",
    listExpand: "assignments",
    children: [assignments],
    volatile: ["imageDisplayName"],
    exportFolder: "CloudPCProvisioningPolicies",
  },
  {
    key: "cloudPcUserSetting",
    label: "Cloud PC user settings",
    ...windows365,
    path: `${DM}/virtualEndpoint/userSettings`,
    declares: "cloudPcUserSetting",
    listExpand: "assignments",
    children: [assignments],
    exportFolder: "CloudPCUserSettings",
  },
  {
    key: "cloudPcNetworkConnection",
    label: "Azure network connections",
    ...windows365,
    path: `${DM}/virtualEndpoint/onPremisesConnections`,
    declares: "cloudPcOnPremisesConnection",
    volatile: [
      "healthCheckStatus",
      "healthCheckStatusDetail",
      "healthCheckStatusDetails",
      "inUse",
      "inUseByCloudPc",
    ],
    secrets: ["adDomainPassword"],
    exportFolder: "CloudPCNetworkConnections",
  },
  {
    key: "cloudPcDeviceImage",
    label: "Custom device images",
    ...windows365,
    path: `${DM}/virtualEndpoint/deviceImages`,
    declares: "cloudPcDeviceImage",
    volatile: ["status", "statusDetails", "osStatus", "errorCode"],
    exportFolder: "CloudPCDeviceImages",
  },
  {
    key: "cloudPcOrganizationSettings",
    label: "Cloud PC organization settings",
    ...windows365,
    path: `${DM}/virtualEndpoint/organizationSettings`,
    declares: "cloudPcOrganizationSettings",
    single: true,
    exportFolder: "CloudPCOrganizationSettings",
  },
]);
