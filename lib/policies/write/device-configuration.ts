import { deviceReferences } from "../catalog/device-references.ts";
import { assignAll, type ReferencePath, type WriteRule, writeRule, writing } from "./write-rule.ts";

/** A setting of the catalog whose value is the id of a reusable setting, wherever it stands. */
const reusable: ReferencePath = { path: "settings/**", kind: "reusableSetting" };

const catalogPolicy: WriteRule = writeRule({
  permissions: [writing.configuration],
  update: { method: "PUT" },
  inline: ["settings"],
  strip: [
    "settingCount",
    "settings/settingDefinitions",
    "creationSource",
    "priorityMetaData",
    "templateReference/templateFamily",
    "templateReference/templateDisplayName",
    "templateReference/templateDisplayVersion",
    // What the function of the same name returned.
    "retrieveEnrollmentTimeDeviceMembershipTarget",
  ],
  fixed: ["platforms", "technologies", "templateReference"],
  assign: assignAll,
  templates: {
    path: "deviceManagement/configurationPolicyTemplates",
    of: "templateReference/templateId",
    retired: { property: "lifecycleState", values: ["deprecated", "retired"] },
    settings: "settingTemplates",
  },
  references: [reusable],
  traps: [
    "Settings are not taken by PATCH: the whole policy is put.",
    "Of a template that Microsoft retired no new policy can be made: it is restored in place only.",
    "Of a template each tenant offers other settings: a policy with one that the tenant does not offer is not written.",
    "A setting that Graph wants in every policy of an enrollment template, and that the backup does not have, stops it: the plan names the setting.",
    "Ids of settings are taken only in Microsoft's own small and capital letters: those of a template are written so.",
    "Secret values cannot be read, so a person gives them again unless the live policy still holds the same.",
  ],
});

const preparation: WriteRule = {
  ...catalogPolicy,
  references: [
    reusable,
    {
      path: "retrieveEnrollmentTimeDeviceMembershipTarget/enrollmentTimeDeviceMembershipTargetValidationStatuses/targetId",
      kind: "group",
    },
  ],
  parts: [
    {
      kind: "enrollmentTimeDeviceMembershipTarget",
      of: "retrieveEnrollmentTimeDeviceMembershipTarget",
      method: "POST",
      path: "setEnrollmentTimeDeviceMembershipTarget",
    },
  ],
};

/** Profiles name others, such as certificates: by links, which are set once both are there. */
const links = deviceReferences
  .filter(({ reference }) => reference)
  .map(({ key, shape }) => ({
    kind: "links" as const,
    of: key,
    method: shape === "object" ? ("PUT" as const) : ("POST" as const),
    path: `${key}/$ref`,
  }));

const profile = {
  permissions: [writing.configuration],
  assign: { ...assignAll, keep: ["intent"] },
} as const;

export const deviceConfigurationRules = {
  settingsCatalogPolicy: preparation,
  endpointSecurityPolicy: catalogPolicy,
  securityBaselinePolicy: catalogPolicy,
  deviceConfiguration: writeRule({
    ...profile,
    strip: [
      "applyOnlyToWindows81",
      "applyOnlyToWindowsPhone81",
      "omaSettings/isEncrypted",
      "omaSettings/isReadOnly",
      "omaSettings/secretReferenceValueId",
      ...links.map(({ of }) => of),
    ],
    parts: [
      {
        kind: "windowsPrivacyAccessControls",
        of: "privacyAccessControls",
        method: "POST",
        path: "windowsPrivacyAccessControls",
      },
      ...links,
    ],
    references: links.map(({ of }) => ({ path: `${of}/id`, kind: "deviceConfiguration" as const })),
    traps: [
      "The kind of a profile is fixed: it must be the live one's.",
      "Encrypted OMA-URI values come back masked, so a person gives them again before they are written.",
      "Wi-Fi keys and other passwords are never returned by Graph: a restored profile has none until they are typed in.",
    ],
  }),
  windowsUpdateRing: writeRule({
    ...profile,
    strip: [
      "featureUpdatesPauseStartDate",
      "qualityUpdatesPauseStartDate",
      "featureUpdatesPauseExpiryDateTime",
      "qualityUpdatesPauseExpiryDateTime",
      "featureUpdatesRollbackStartDateTime",
      "qualityUpdatesRollbackStartDateTime",
      "featureUpdatesWillBeRolledBack",
      "qualityUpdatesWillBeRolledBack",
      "featureUpdatesPaused",
      "qualityUpdatesPaused",
    ],
    traps: ["Pauses and rollbacks are moments of the past: they are not restored."],
  }),
  groupPolicyConfiguration: writeRule({
    permissions: [writing.configuration],
    strip: ["policyConfigurationIngestionType", "definitionValues"],
    parts: [
      {
        kind: "updateDefinitionValues",
        of: "definitionValues",
        method: "POST",
        path: "updateDefinitionValues",
      },
    ],
    assign: assignAll,
    traps: [
      "Settings of imported ADMX files have other ids in every tenant, and after each import: they are found by class, name and category, and what they ask for by its label. The file cannot be read back: import it first.",
    ],
  }),
  policySet: writeRule({
    permissions: [writing.configuration],
    stage: "policySet",
    inline: ["items"],
    stripOnUpdate: ["items"],
    strip: ["status", "errorCode", "items/status", "items/errorCode", "items/displayName", "items/itemType"],
    parts: [{ kind: "updatePolicySet", of: "items", method: "POST", path: "update", createdInline: true }],
    // By the same action as its items.
    assign: { path: "update", key: "assignments", keep: [], noAllDevices: true },
    references: [{ path: "items/payloadId", kind: "policy" }],
    traps: [
      "It is written last of all: every policy of it must be there.",
      "It is assigned to groups only: all devices is not taken.",
    ],
  }),
} as const satisfies Record<string, WriteRule>;
