import type { GraphObject, Json } from "../json.ts";
import type { Random } from "../random.ts";
import { assignments, description, policyName, scopeTags, times } from "./common.ts";
import type { Group, Kind, Making } from "./kind.ts";

const TYPE = "#microsoft.graph.deviceManagementConfiguration";
const AREAS = [
  "defender",
  "browser",
  "privacy",
  "system",
  "update",
  "experience",
  "edge",
  "office16",
] as const;
const NAMES = [
  "allowlocation",
  "enablesmartscreen",
  "blockmacros",
  "schedulescanday",
  "passwordmanagerenabled",
  "disabletelemetry",
  "requirestartuppin",
  "preventoverride",
  "allowcortana",
  "configuretimezone",
] as const;

/** How many settings a policy has: 1 to 120, most of them few, four in ten more than a page of 25. */
function settingCount(making: Making): number {
  return 1 + Math.floor(119 * making.random("settingCount").next() ** 3);
}

function choice(definition: string, value: string, children: Json[] = []): GraphObject {
  return {
    "@odata.type": `${TYPE}ChoiceSettingInstance`,
    settingDefinitionId: definition,
    settingInstanceTemplateReference: null,
    choiceSettingValue: { settingValueTemplateReference: null, value: `${definition}_${value}`, children },
  };
}

function simple(definition: string, kind: "String" | "Integer", value: Json): GraphObject {
  return {
    "@odata.type": `${TYPE}SimpleSettingInstance`,
    settingDefinitionId: definition,
    settingInstanceTemplateReference: null,
    simpleSettingValue: {
      "@odata.type": `${TYPE}${kind}SettingValue`,
      settingValueTemplateReference: null,
      value,
    },
  };
}

function secret(definition: string, random: Random): GraphObject {
  return {
    "@odata.type": `${TYPE}SimpleSettingInstance`,
    settingDefinitionId: definition,
    settingInstanceTemplateReference: null,
    simpleSettingValue: {
      "@odata.type": `${TYPE}SecretSettingValue`,
      settingValueTemplateReference: null,
      value: random.guid(),
      valueState: "encryptedValueToken",
    },
  };
}

function list(definition: string, random: Random): GraphObject {
  return {
    "@odata.type": `${TYPE}SimpleSettingCollectionInstance`,
    settingDefinitionId: definition,
    settingInstanceTemplateReference: null,
    simpleSettingCollectionValue: Array.from({ length: random.int(1, 12) }, () => ({
      "@odata.type": `${TYPE}StringSettingValue`,
      settingValueTemplateReference: null,
      value: `https://${random.hex(8)}.contoso.example/`,
    })),
  };
}

function group(definition: string, random: Random): GraphObject {
  return {
    "@odata.type": `${TYPE}GroupSettingCollectionInstance`,
    settingDefinitionId: definition,
    settingInstanceTemplateReference: null,
    groupSettingCollectionValue: Array.from({ length: random.int(1, 4) }, (_, n) => ({
      settingValueTemplateReference: null,
      children: [
        simple(`${definition}_name`, "String", `Rule ${n + 1} – ${random.hex(4)}`),
        choice(`${definition}_enabled`, random.chance(0.5) ? "1" : "0"),
        simple(`${definition}_port`, "Integer", random.int(1, 65535)),
      ],
    })),
  };
}

function instance(random: Random, n: number): GraphObject {
  const definition = `device_vendor_msft_policy_config_${random.pick(AREAS)}_${random.pick(NAMES)}_${n}`;
  const kind = random.next();
  if (kind < 0.5) return choice(definition, random.chance(0.5) ? "1" : "0");
  if (kind < 0.65) {
    const children = Array.from({ length: random.int(1, 3) }, (_, at) =>
      random.chance(0.3)
        ? choice(`${definition}_child${at}`, "1", [simple(`${definition}_child${at}_value`, "Integer", at)])
        : simple(`${definition}_child${at}`, "String", random.hex(12)),
    );
    return choice(definition, "1", children);
  }
  if (kind < 0.8) return simple(definition, "Integer", random.int(0, 1440));
  if (kind < 0.9) return list(definition, random);
  if (kind < 0.98) return group(definition, random);
  return secret(definition, random);
}

/** Settings of the catalog, `count` of them. */
export function catalogSettings(making: Making, count: number): Json {
  const random = making.random("settings");
  return Array.from({ length: count }, (_, n) => ({ id: String(n), settingInstance: instance(random, n) }));
}

function settings(making: Making): Json {
  return catalogSettings(making, settingCount(making));
}

interface Template {
  family: string;
  name: string;
  platforms: string;
  technologies: string;
}

function catalogKind({ family, name, platforms, technologies }: Template): Kind {
  return {
    type: "deviceManagementConfigurationPolicy",
    props(making) {
      const random = making.random("policy");
      const templated = family !== "none";
      return {
        ...times(random),
        creationSource: null,
        description: description(random),
        name: policyName(making, templated ? `ES - ${name}` : `SC - ${platforms}`),
        platforms,
        priorityMetaData: null,
        roleScopeTagIds: scopeTags(making, random),
        settingCount: settingCount(making),
        technologies,
        isAssigned: random.chance(0.8),
        templateReference: {
          templateId: templated ? `${random.guid()}_1` : "",
          templateFamily: family,
          templateDisplayName: templated ? name : null,
          templateDisplayVersion: templated ? "Version 1" : null,
        },
      };
    },
    navigations: { settings, assignments: assignments() },
  };
}

const catalog = (platforms: string, technologies = "mdm") =>
  catalogKind({ family: "none", name: "", platforms, technologies });
const windows = (family: string, name: string) =>
  catalogKind({ family, name, platforms: "windows10", technologies: "mdm,microsoftSense" });

/** Autopilot device preparation: the group that devices join stands beside the policy. */
const PREPARATION: Kind = {
  ...windows("enrollmentConfiguration", "Device preparation"),
  navigations: {
    ...windows("enrollmentConfiguration", "").navigations,
    retrieveEnrollmentTimeDeviceMembershipTarget: (making) => ({
      enrollmentTimeDeviceMembershipTargetValidationStatuses: [
        { targetId: making.world.groupId(making.ordinal) },
      ],
      validationSucceeded: true,
    }),
  },
};

const collection = "deviceManagement/configurationPolicies";

export const settingsCatalogGroups: readonly Group[] = [
  { collection, few: 1, kinds: [PREPARATION] },
  {
    collection,
    weight: 34,
    kinds: [
      catalog("windows10"),
      catalog("windows10"),
      catalog("macOS", "mdm,appleRemoteManagement"),
      catalog("iOS", "mdm,appleRemoteManagement"),
      catalog("windows10"),
      catalog("androidEnterprise", "android"),
    ],
  },
  {
    collection,
    weight: 10,
    kinds: [
      windows("endpointSecurityAntivirus", "Microsoft Defender Antivirus"),
      windows("endpointSecurityFirewall", "Microsoft Defender Firewall"),
      windows("endpointSecurityAttackSurfaceReduction", "Attack Surface Reduction Rules"),
      windows("endpointSecurityDiskEncryption", "BitLocker"),
      windows("endpointSecurityEndpointDetectionAndResponse", "Endpoint detection and response"),
      windows("endpointSecurityAccountProtection", "Local admin password solution (Windows LAPS)"),
    ],
  },
  {
    collection,
    weight: 3,
    kinds: [
      windows("baseline", "Security Baseline for Windows 10 and later"),
      windows("baseline", "Microsoft Edge baseline"),
    ],
  },
];
