import type { PolicyType } from "../policy-type.ts";
import { DM, entries, permissions } from "./entry.ts";

const partner = { since: 2, permission: permissions.service } as const;

export const connectors: readonly PolicyType[] = entries("policy", "Connectors and partners", [
  {
    key: "mobileThreatDefenseConnector",
    label: "Mobile threat defense connectors",
    ...partner,
    path: `${DM}/mobileThreatDefenseConnectors`,
    volatile: ["lastHeartbeatDateTime", "partnerState"],
    exportFolder: "MobileThreatDefenseConnectors",
  },
  {
    key: "complianceManagementPartner",
    label: "Compliance partners",
    ...partner,
    path: `${DM}/complianceManagementPartners`,
    volatile: ["lastHeartbeatDateTime", "partnerState"],
    exportFolder: "ComplianceManagementPartners",
  },
  {
    key: "deviceManagementPartner",
    label: "Device management partners",
    ...partner,
    path: `${DM}/deviceManagementPartners`,
    volatile: ["lastHeartbeatDateTime", "partnerState"],
    exportFolder: "DeviceManagementPartners",
  },
  {
    key: "remoteAssistancePartner",
    label: "Remote assistance partners",
    ...partner,
    path: `${DM}/remoteAssistancePartners`,
    volatile: ["lastConnectionDateTime"],
    exportFolder: "RemoteAssistancePartners",
  },
  {
    key: "remoteAssistanceSettings",
    label: "Remote help settings",
    ...partner,
    path: `${DM}/remoteAssistanceSettings`,
    single: true,
    exportFolder: "RemoteAssistanceSettings",
  },
]);
