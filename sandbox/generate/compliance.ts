import type { GraphObject, Json } from "../json.ts";
import type { Random } from "../random.ts";
import { assignments, description, intuneCommon, policyName, scopeTags, times } from "./common.ts";
import type { Group, Kind, Making } from "./kind.ts";

const NO_TEMPLATE = "00000000-0000-0000-0000-000000000000";

function actions(making: Making, random: Random): Json {
  const template = making.world.idIn("deviceManagement/notificationMessageTemplates", random.int(0, 9));
  const block: GraphObject = {
    id: random.guid(),
    gracePeriodHours: random.pick([0, 6, 24, 72]),
    actionType: "block",
    notificationTemplateId: NO_TEMPLATE,
    notificationMessageCCList: [],
  };
  if (template === undefined || random.chance(0.5)) return [block];
  const notify: GraphObject = {
    ...block,
    id: random.guid(),
    actionType: "notification",
    notificationTemplateId: template,
    notificationMessageCCList: [making.world.groupId(random.int(0, 9))],
  };
  return [block, notify];
}

function scheduledActionsForRule(making: Making): Json {
  const random = making.random("scheduledActions");
  return [{ id: making.id, ruleName: null, scheduledActionConfigurations: actions(making, random) }];
}

function compliance(type: string, platform: string, own: (random: Random) => GraphObject): Kind {
  return {
    type,
    props: (making) => ({ ...intuneCommon(making, platform), ...own(making.random("own")) }),
    navigations: { scheduledActionsForRule, assignments: assignments() },
  };
}

const password = (random: Random): GraphObject => ({
  passwordRequired: random.chance(0.7),
  passwordMinimumLength: random.pick([null, 6, 8, 12]),
  passwordExpirationDays: random.pick([null, 90, 365]),
  osMinimumVersion: random.pick([null, "10.0.19045", "14.0", "17.4"]),
  osMaximumVersion: null,
});

const DEVICE_COMPLIANCE: readonly [Kind, ...Kind[]] = [
  compliance("windows10CompliancePolicy", "Win - Compliance", (random) => ({
    ...password(random),
    bitLockerEnabled: random.chance(0.6),
    secureBootEnabled: random.chance(0.6),
    codeIntegrityEnabled: random.chance(0.4),
    defenderEnabled: true,
    rtpEnabled: true,
    deviceCompliancePolicyScript: null,
    validOperatingSystemBuildRanges: [
      { description: "23H2", lowestVersion: "10.0.22631.1", highestVersion: "10.0.22631.9999" },
    ],
  })),
  compliance("iosCompliancePolicy", "iOS - Compliance", (random) => ({
    passcodeRequired: random.chance(0.8),
    passcodeMinimumLength: random.int(4, 8),
    securityBlockJailbrokenDevices: true,
    managedEmailProfileRequired: false,
    restrictedApps: [],
  })),
  compliance("macOSCompliancePolicy", "macOS - Compliance", (random) => ({
    ...password(random),
    firewallEnabled: random.chance(0.7),
    systemIntegrityProtectionEnabled: true,
    gatekeeperAllowedAppSource: "macAppStoreAndIdentifiedDevelopers",
  })),
  compliance("androidWorkProfileCompliancePolicy", "AE - Compliance", (random) => ({
    ...password(random),
    securityBlockJailbrokenDevices: true,
    securityRequireSafetyNetAttestationBasicIntegrity: random.chance(0.5),
    storageRequireEncryption: true,
  })),
];

function linuxSettingCount(making: Making): number {
  return making.random("settingCount").int(1, 30);
}

const LINUX: Kind = {
  type: "deviceManagementCompliancePolicy",
  props(making) {
    const random = making.random("policy");
    return {
      ...times(random),
      creationSource: null,
      description: description(random),
      name: policyName(making, "Linux - Compliance"),
      platforms: "linux",
      roleScopeTagIds: scopeTags(making, random),
      settingCount: linuxSettingCount(making),
      technologies: "linuxMdm",
      isAssigned: random.chance(0.8),
    };
  },
  navigations: {
    settings(making) {
      const random = making.random("settings");
      return Array.from({ length: linuxSettingCount(making) }, (_, n) => ({
        id: String(n),
        settingInstance: {
          "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
          settingDefinitionId: `linux_mdatp_managed_rule_${n}`,
          settingInstanceTemplateReference: null,
          choiceSettingValue: {
            settingValueTemplateReference: null,
            value: `linux_mdatp_managed_rule_${n}_${random.int(0, 1)}`,
            children: [],
          },
        },
      }));
    },
    scheduledActionsForRule,
    assignments: assignments(),
  },
};

export const complianceGroups: readonly Group[] = [
  { collection: "deviceManagement/deviceCompliancePolicies", weight: 6, kinds: DEVICE_COMPLIANCE },
  { collection: "deviceManagement/compliancePolicies", weight: 1, kinds: [LINUX] },
];
