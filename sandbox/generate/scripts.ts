import type { Random } from "../random.ts";
import { assignments, base64, intuneCommon } from "./common.ts";
import type { Group, Kind, Making } from "./kind.ts";

function powershell(random: Random): string {
  const lines = Array.from(
    { length: random.int(3, 60) },
    (_, n) => `Write-Output "step ${n} ${random.hex(16)}"`,
  );
  return base64(["# Managed by the endpoint team – nicht von Hand ändern", ...lines, "exit 0"].join("\r\n"));
}

function shell(random: Random): string {
  const lines = Array.from({ length: random.int(3, 40) }, (_, n) => `echo "step ${n} ${random.hex(16)}"`);
  return base64(["#!/bin/zsh", "set -euo pipefail", ...lines].join("\n"));
}

function common(making: Making, platform: string) {
  const { version: _, ...rest } = intuneCommon(making, platform);
  return rest;
}

/** Script collections assign with ids of their own and no `source`. */
function scriptAssignments(extra: () => Record<string, boolean | null> = () => ({})) {
  const make = assignments();
  return (making: Making) => {
    const made = make(making);
    return Array.isArray(made)
      ? made.map((one) => {
          const { id, target } = one as { id: string; target: Record<string, string | null> };
          return { id, target, ...extra() };
        })
      : [];
  };
}

const POWERSHELL: Kind = {
  type: "deviceManagementScript",
  props(making) {
    const random = making.random("own");
    return {
      enforceSignatureCheck: random.chance(0.3),
      runAs32Bit: random.chance(0.2),
      ...common(making, "Win - Script"),
      scriptContent: powershell(random),
      runAsAccount: random.pick(["system", "user"]),
      fileName: `script-${making.ordinal + 1}.ps1`,
    };
  },
  navigations: { assignments: scriptAssignments() },
};

const SHELL: Kind = {
  type: "deviceShellScript",
  props(making) {
    const random = making.random("own");
    return {
      executionFrequency: random.pick(["PT0S", "P1D", "P7D"]),
      retryCount: random.int(0, 3),
      blockExecutionNotifications: random.chance(0.5),
      ...common(making, "macOS - Script"),
      scriptContent: shell(random),
      runAsAccount: "system",
      fileName: `script-${making.ordinal + 1}.sh`,
    };
  },
  navigations: { assignments: scriptAssignments() },
};

const CUSTOM_ATTRIBUTE: Kind = {
  type: "deviceCustomAttributeShellScript",
  props(making) {
    const random = making.random("own");
    return {
      customAttributeName: `attribute${making.ordinal + 1}`,
      customAttributeType: random.pick(["string", "integer", "dateTime"]),
      ...common(making, "macOS - Attribute"),
      scriptContent: shell(random),
      runAsAccount: "system",
      fileName: `attribute-${making.ordinal + 1}.sh`,
    };
  },
  navigations: { assignments: scriptAssignments() },
};

const HEALTH: Kind = {
  type: "deviceHealthScript",
  props(making) {
    const random = making.random("own");
    return {
      ...common(making, "Win - Remediation"),
      publisher: "Contoso IT",
      version: String(random.int(1, 9)),
      detectionScriptContent: powershell(random),
      remediationScriptContent: powershell(random),
      runAsAccount: "system",
      enforceSignatureCheck: false,
      runAs32Bit: false,
      isGlobalScript: false,
      highestAvailableVersion: null,
      deviceHealthScriptType: "deviceHealthScript",
      detectionScriptParameters: [],
      remediationScriptParameters: [],
    };
  },
  navigations: { assignments: scriptAssignments(() => ({ runRemediationScript: true, runSchedule: null })) },
};

const COMPLIANCE_SCRIPT: Kind = {
  type: "deviceComplianceScript",
  props(making) {
    const random = making.random("own");
    return {
      ...common(making, "Win - Compliance script"),
      publisher: "Contoso IT",
      version: String(random.int(1, 9)),
      detectionScriptContent: powershell(random),
      runAsAccount: "system",
      enforceSignatureCheck: true,
      runAs32Bit: false,
    };
  },
};

export const scriptGroups: readonly Group[] = [
  { collection: "deviceManagement/deviceManagementScripts", weight: 5, kinds: [POWERSHELL] },
  { collection: "deviceManagement/deviceShellScripts", weight: 2, kinds: [SHELL] },
  { collection: "deviceManagement/deviceCustomAttributeShellScripts", weight: 1, kinds: [CUSTOM_ATTRIBUTE] },
  { collection: "deviceManagement/deviceHealthScripts", weight: 4, kinds: [HEALTH] },
  { collection: "deviceManagement/deviceComplianceScripts", weight: 1, kinds: [COMPLIANCE_SCRIPT] },
];
