import type { PolicyType } from "../policy-type.ts";
import { assignments, DM, entries, permissions } from "./entry.ts";

const script = {
  permission: permissions.scripts,
  readById: true,
  children: [assignments],
  volatile: ["runSummary"],
} as const;

export const scripts: readonly PolicyType[] = entries("policy", "Scripts", [
  {
    key: "deviceManagementScript",
    label: "PowerShell scripts",
    path: `${DM}/deviceManagementScripts`,
    declares: "deviceManagementScript",
    ...script,
    exportFolder: "PowerShellScripts",
  },
  {
    key: "deviceShellScript",
    label: "Shell scripts",
    path: `${DM}/deviceShellScripts`,
    declares: "deviceShellScript",
    ...script,
    exportFolder: "MacScripts",
  },
  {
    key: "deviceCustomAttributeShellScript",
    label: "Custom attribute scripts",
    path: `${DM}/deviceCustomAttributeShellScripts`,
    declares: "deviceCustomAttributeShellScript",
    ...script,
    exportFolder: "MacCustomAttributes",
  },
  {
    key: "deviceHealthScript",
    label: "Remediation scripts",
    path: `${DM}/deviceHealthScripts`,
    declares: "deviceHealthScript",
    ...script,
    volatile: ["runSummary", "highestAvailableVersion"],
    exportFolder: "DeviceHealthScripts",
  },
]);
