import type { PolicyType } from "../policy-type.ts";
import { DM, entries, permissions } from "./entry.ts";

const partner = { since: 2, permission: permissions.service } as const;

export const connectors: readonly PolicyType[] = entries("policy", "Connectors and partners", [
  {
    key: "mobileThreatDefenseConnector",
    label: "Mobile threat defense connectors",
    ...partner,
    path: `${DM}/mobileThreatDefenseConnectors`,
    declares: "mobileThreatDefenseConnector",
    volatile: ["lastHeartbeatDateTime", "partnerState"],
    exportFolder: "MobileThreatDefenseConnectors",
  },
  {
    key: "complianceManagementPartner",
    label: "Compliance partners",
    ...partner,
    path: `${DM}/complianceManagementPartners`,
    declares: "complianceManagementPartner",
    volatile: ["lastHeartbeatDateTime", "partnerState"],
    exportFolder: "ComplianceManagementPartners",
  },
  {
    key: "deviceManagementPartner",
    label: "Device management partners",
    ...partner,
    path: `${DM}/deviceManagementPartners`,
    declares: "deviceManagementPartner",
    volatile: ["lastHeartbeatDateTime", "partnerState"],
    exportFolder: "DeviceManagementPartners",
  },
  {
    key: "remoteAssistancePartner",
    label: "Remote assistance partners",
    ...partner,
    path: `${DM}/remoteAssistancePartners`,
    declares: "remoteAssistancePartner",
    volatile: ["lastConnectionDateTime"],
    exportFolder: "RemoteAssistancePartners",
  },
  {
    key: "remoteAssistanceSettings",
    label: "Remote help settings",
    ...partner,
    path: `${DM}/remoteAssistanceSettings`,
    declares: "remoteAssistanceSettings",
    single: true,
    exportFolder: "RemoteAssistanceSettings",
  },
]);
