import { expect, test } from "vitest";
import { linesOf, valueText } from "#lib/testing/words";
import { wordDifferences } from "./differences.ts";
import { noWordContext, type PolicyWords, type WordContext, type WordRow } from "./schema.ts";
import { wordsOf } from "./words-of.ts";

const pilot = "8a1f8f0e-5b9c-4f7e-8a39-1f3f6b1f0001";
const unknown = "8a1f8f0e-5b9c-4f7e-8a39-1f3f6b1f0002";
const kiosks = "8a1f8f0e-5b9c-4f7e-8a39-1f3f6b1f0003";

const names = new Map([
  [`group ${pilot}`, "Pilot"],
  [`assignmentFilter ${kiosks}`, "Kiosks"],
]);

const context: WordContext = {
  ...noWordContext,
  nameOf: (kind, id) => names.get(`${kind} ${id}`),
};

const assignments = [
  {
    id: "1",
    intent: "apply",
    source: "direct",
    target: {
      "@odata.type": "#microsoft.graph.groupAssignmentTarget",
      groupId: pilot,
      deviceAndAppManagementAssignmentFilterId: kiosks,
      deviceAndAppManagementAssignmentFilterType: "exclude",
    },
  },
  { id: "2", target: { "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", groupId: unknown } },
  { id: "3", intent: "required", target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } },
];

const ring = {
  "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
  id: "1",
  displayName: "Ring 1",
  createdDateTime: "2026-01-01T00:00:00Z",
  description: null,
  roleScopeTagIds: ["0"],
  automaticUpdateMode: "autoInstallAtMaintenanceTime",
  qualityUpdatesPauseExpiryDateTime: "0001-01-01T00:00:00Z",
  deadlineGracePeriodInDays: 1,
  driversExcluded: false,
  installationSchedule: {
    "@odata.type": "#microsoft.graph.windowsUpdateActiveHoursInstall",
    activeHoursStart: "08:00:00.0000000",
  },
  assignments,
};

test("a policy of any type is said by its property names, units, enums and assignments", () => {
  expect(linesOf(wordsOf("windowsUpdateRing", ring, context))).toEqual([
    "## About",
    "Name: Ring 1",
    "Kind: Windows update for business configuration",
    "Scope tags: [Default]",
    "## Settings",
    "Automatic update mode: Auto install at maintenance time",
    "Deadline grace period: 1 day",
    "Drivers excluded: No",
    "Installation schedule: Windows update active hours install",
    "  Active hours start: 08:00",
    "## Assignments",
    "Included: Pilot",
    "  Filter, excluding: Kiosks",
    `Excluded: ${unknown} (raw)`,
    "Required: All devices",
  ]);
  const [, settings] = wordsOf("windowsUpdateRing", ring, context).sections;
  expect(settings?.rows[1]).toMatchObject({
    path: ["deadlineGracePeriodInDays"],
    note: expect.stringContaining("Number of days after deadline"),
  });
});

test("of an app's assignments one reads from which a group is left out", () => {
  const target = { "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", groupId: pilot };
  const app = {
    displayName: "Reader",
    assignments: [
      { intent: "required", target },
      { intent: "availableWithoutEnrollment", target },
      { intent: "apply", target },
    ],
  };
  const lines = linesOf(wordsOf("mobileApp", app, context));
  expect(lines.slice(lines.indexOf("## Assignments") + 1)).toEqual([
    "Excluded (required): Pilot",
    "Excluded (available without enrollment): Pilot",
    "Excluded: Pilot",
  ]);
});

test("what a policy is called is no duration", () => {
  const lines = linesOf(wordsOf("windowsUpdateRing", { ...ring, displayName: "P1D" }, context));
  expect(lines).toContain("Name: P1D");
});

test("whatever a document holds, it is said without an error", () => {
  for (const document of [null, 7, "text", [], {}, { assignments: "none" }, { settings: [null, 1, [[]]] }])
    for (const type of [
      "settingsCatalogPolicy",
      "conditionalAccessPolicy",
      "groupPolicyConfiguration",
      "no such type",
    ])
      expect(() => wordsOf(type, document, noWordContext)).not.toThrow();
});

test("secrets are marked, lists of objects go by their names", () => {
  const custom = {
    "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
    displayName: "Custom",
    omaSettings: [
      {
        "@odata.type": "#microsoft.graph.omaSettingString",
        displayName: "Key",
        omaUri: "./Vendor/Key",
        isEncrypted: true,
        secretReferenceValueId: "r",
        value: "****",
      },
    ],
    preSharedKey: null,
    preSharedKeyIsSet: true,
  };
  expect(linesOf(wordsOf("deviceConfiguration", custom, context)).slice(4)).toEqual([
    "OMA settings",
    "  Key",
    "    OMA-URI: ./Vendor/Key",
    "    Encrypted: Yes",
    "    Value: (secret)",
    "Pre shared key: (secret)",
    "Pre shared key is set: Yes",
  ]);
});

test("what has one value alone stands on one line; names and types of Graph are said in words", () => {
  const lines = (type: string, document: object) => {
    const all = linesOf(wordsOf(type, document, context));
    return all.slice(all.indexOf("## Settings") + 1);
  };
  expect(
    lines("namedLocation", {
      "@odata.type": "#microsoft.graph.ipNamedLocation",
      ipRanges: [{ "@odata.type": "#microsoft.graph.iPv4CidrRange", cidrAddress: "203.0.113.0/24" }],
      isTrusted: false,
    }),
  ).toEqual(["IP ranges", "  IPv4 CIDR range 1: 203.0.113.0/24", "Trusted: No"]);
  expect(
    lines("groupSettings", {
      displayName: "Group.Unified",
      values: [{ name: "EnableGroupCreation", value: "false" }],
    }),
  ).toEqual(["Values", "  Enable group creation: false"]);
  expect(
    lines("policySet", {
      displayName: "Pilot",
      items: [
        {
          displayName: "Item",
          itemType: "#microsoft.graph.windows10GeneralConfiguration",
          guidedDeploymentTags: ["x"],
        },
      ],
    }),
  ).toEqual([
    "Items",
    "  Item",
    "    Item type: Windows 10 general configuration",
    "    Guided deployment tags: [x]",
  ]);
  const gone = "b1a39538-54e5-429f-99d1-902edefd1f00";
  expect(
    wordsOf(
      "conditionalAccessPolicy",
      {
        "@odata.type": "#microsoft.graph.conditionalAccessPolicy",
        conditions: { users: { includeUsers: ["All"], excludeUsers: [gone] } },
      },
      context,
    ).sentences,
  ).toContain(`Applies to all users, except the deleted or unknown user ${gone}.`);
});

test("whom an authentication method is for is said by name", () => {
  const target = (id: string, more: object = {}) => ({ id, targetType: "group", ...more });
  const method = (type: string, id: string, own: object) => ({
    "@odata.type": `#microsoft.graph.${type}AuthenticationMethodConfiguration`,
    id,
    state: "enabled",
    ...own,
  });
  const policy = {
    "@odata.type": "#microsoft.graph.authenticationMethodsPolicy",
    id: "authenticationMethodsPolicy",
    registrationEnforcement: {
      authenticationMethodsRegistrationCampaign: {
        includeTargets: [
          target("all_users", { targetedAuthenticationMethod: "microsoftAuthenticator" }),
          target(pilot, { targetedAuthenticationMethod: "microsoftAuthenticator" }),
        ],
        excludeTargets: [{ id: pilot, targetType: "group" }],
      },
    },
    authenticationMethodConfigurations: [
      method("microsoftAuthenticator", "MicrosoftAuthenticator", {
        includeTargets: [target("all_users", { isRegistrationRequired: false })],
        featureSettings: {
          displayAppInformationRequiredState: {
            state: "enabled",
            includeTarget: target("all_users"),
            excludeTarget: target("00000000-0000-0000-0000-000000000000"),
          },
          displayLocationInformationRequiredState: { state: "enabled", includeTarget: target(unknown) },
        },
      }),
      method("sms", "Sms", { excludeTargets: [target(unknown), { id: unknown, targetType: "device" }] }),
    ],
  };
  const lines = linesOf(wordsOf("authenticationMethodsPolicy", policy, context));
  expect(lines.slice(lines.indexOf("## Settings") + 1)).toEqual([
    "Registration enforcement",
    "  Authentication methods registration campaign",
    "    Include targets",
    "      All users",
    "        Target type: Group",
    "        Targeted authentication method: Microsoft authenticator",
    "      Pilot",
    "        Target type: Group",
    "        Targeted authentication method: Microsoft authenticator",
    "    Exclude targets",
    "      Pilot: Group",
    "Authentication method configurations",
    "  Microsoft authenticator authentication method configuration 1",
    "    State: Enabled",
    "    Include targets",
    "      All users",
    "        Target type: Group",
    "        Registration required: No",
    "    Feature settings",
    "      Display app information required state",
    "        State: Enabled",
    "        Include target: All users",
    "          Target type: Group",
    "      Display location information required state",
    "        State: Enabled",
    `        Include target: ${unknown} (raw)`,
    "          Target type: Group",
    "  SMS authentication method configuration 2",
    "    State: Enabled",
    "    Exclude targets",
    `      ${unknown}: Group (raw)`,
    `      ${unknown}: Device (raw)`,
  ]);
});

test("what has an id and no name is told by its id", () => {
  const unit = {
    "@odata.type": "#microsoft.graph.administrativeUnit",
    members: [
      { "@odata.type": "#microsoft.graph.group", id: pilot },
      { "@odata.type": "#microsoft.graph.user", id: unknown },
    ],
    others: [
      { id: "first", enabled: true, order: 1 },
      { enabled: true, order: 2 },
    ],
  };
  const lines = linesOf(wordsOf("administrativeUnit", unit, context));
  expect(lines.slice(lines.indexOf("## Settings") + 1)).toEqual([
    "Members",
    "  Group 1: Pilot",
    `  User 2: ${unknown} (raw)`,
    "Others",
    "  first",
    "    Enabled: Yes",
    "    Order: 1",
    "  Entry 2",
    "    Enabled: Yes",
    "    Order: 2",
  ]);
});

test("another certificate of the same size is a difference in words", () => {
  const certificate = (byte: number) =>
    wordsOf(
      "deviceConfiguration",
      {
        "@odata.type": "#microsoft.graph.windows81TrustedRootCertificate",
        certFileName: "root.cer",
        trustedRootCertificate: Buffer.from([
          0x30,
          0x82,
          0x03,
          0x00,
          ...Array<number>(30).fill(byte),
        ]).toString("base64"),
      },
      context,
    );
  expect(wordDifferences(certificate(1), certificate(1))).toEqual([]);
  const changes = wordDifferences(certificate(1), certificate(2));
  expect(changes).toMatchObject([{ name: "Trusted root certificate", kind: "changed" }]);
  for (const side of ["before", "after"] as const)
    expect(changes[0]?.[side]).toMatchObject({
      text: expect.stringMatching(/^Binary, 34 bytes, SHA-256 [0-9a-f]{12}…$/),
    });
});

test("two policies are compared line by line, in words", () => {
  const after = {
    ...ring,
    driversExcluded: true,
    automaticUpdateMode: undefined,
    userPauseAccess: "disabled",
    assignments: assignments.slice(1),
  };
  const changes = wordDifferences(
    wordsOf("windowsUpdateRing", ring, context),
    wordsOf("windowsUpdateRing", after, context),
  );
  expect(
    changes.map(({ section, category, name, kind, before, after: to }) =>
      [section, ...category, name, kind, before && valueText(before), to && valueText(to)].join(" | "),
    ),
  ).toEqual([
    "Settings | Drivers excluded | changed | No | Yes",
    "Settings | User pause access | added |  | Disabled",
    "Settings | Automatic update mode | removed | Auto install at maintenance time | ",
    "Assignments | Included | removed | Pilot | ",
    "Assignments | Included Pilot | Filter, excluding | removed | Kiosks | ",
  ]);
  expect(wordDifferences(null, wordsOf("windowsUpdateRing", ring, context)).length).toBeGreaterThan(5);
});

/** What differs, as lines. */
const changeLines = (before: PolicyWords, after: PolicyWords) =>
  wordDifferences(before, after).map(({ category, name, kind, before: from, after: to }) =>
    [...category, name, kind, from && valueText(from), to && valueText(to)].join(" | "),
  );

test("another order of a list that has none is no difference", () => {
  const tagged = (roleScopeTagIds: string[]) =>
    wordsOf("windowsUpdateRing", { ...ring, roleScopeTagIds }, context);
  expect(changeLines(tagged(["0", "1"]), tagged(["1", "0"]))).toEqual([]);
  expect(changeLines(tagged(["0", "1"]), tagged(["1"]))).toEqual([
    "Scope tags | changed | [Default; 1] | [1]",
  ]);
});

test("a filter that excludes what it included is a difference", () => {
  const filtered = (deviceAndAppManagementAssignmentFilterType: string) => {
    const target = {
      "@odata.type": "#microsoft.graph.groupAssignmentTarget",
      groupId: pilot,
      deviceAndAppManagementAssignmentFilterId: kiosks,
      deviceAndAppManagementAssignmentFilterType,
    };
    return wordsOf("windowsUpdateRing", { assignments: [{ target }] }, context);
  };
  expect(changeLines(filtered("include"), filtered("exclude"))).toEqual([
    "Included Pilot | Filter, excluding | added |  | Kiosks",
    "Included Pilot | Filter, including | removed | Kiosks | ",
  ]);
});

test("between two tenants, whom a policy is for is the same by name, and unknown where there is none", () => {
  const other = { pilot: pilot.replace("8a1f", "9b2e"), unknown: unknown.replace("8a1f", "9b2e") };
  const named = (id: string, name: string): WordContext => ({
    ...noWordContext,
    acrossTenants: true,
    nameOf: (_, asked) => (asked === id ? name : undefined),
  });
  const assigned = (type: string, groupId?: string) => ({
    target: { "@odata.type": `#microsoft.graph.${type}AssignmentTarget`, ...(groupId && { groupId }) },
  });
  const before = { assignments: [assigned("group", pilot), assigned("exclusionGroup", unknown)] };
  const after = {
    assignments: [
      assigned("allDevices"),
      assigned("group", other.pilot),
      assigned("exclusionGroup", other.unknown),
    ],
  };
  expect(
    changeLines(
      wordsOf("windowsUpdateRing", before, named(pilot, "Pilot")),
      wordsOf("windowsUpdateRing", after, named(other.pilot, "Pilot")),
    ),
  ).toEqual([
    "Included | added |  | All devices",
    `Excluded | added |  | Unknown group ${other.unknown}`,
    `Excluded | removed | Unknown group ${unknown} | `,
  ]);

  // So is whom an authentication method is for, and which message is sent.
  const method = (id: string, state: string) => ({
    "@odata.type": "#microsoft.graph.authenticationMethodsPolicy",
    campaign: {
      includeTargets: [
        { id, targetType: "group", state },
        { id: "all_users", targetType: "group", state },
      ],
    },
  });
  expect(
    changeLines(
      wordsOf("authenticationMethodsPolicy", method(pilot, "enabled"), named(pilot, "Pilot")),
      wordsOf("authenticationMethodsPolicy", method(other.pilot, "enabled"), named(other.pilot, "Pilot")),
    ),
  ).toEqual([]);
  const sent = (template: string) => ({
    displayName: "Windows",
    scheduledActionsForRule: [
      {
        scheduledActionConfigurations: [
          { actionType: "notification", gracePeriodHours: 24, notificationTemplateId: template },
        ],
      },
    ],
  });
  expect(
    changeLines(
      wordsOf("deviceCompliancePolicy", sent(pilot), named(pilot, "Please update")),
      wordsOf("deviceCompliancePolicy", sent(other.pilot), named(other.pilot, "Please update")),
    ),
  ).toEqual([]);
});

const template = "8a1f8f0e-5b9c-4f7e-8a39-1f3f6b1f0004";
const mail = (days: number, cc: string[] = []) => ({
  actionType: "notification",
  gracePeriodHours: days * 24,
  notificationTemplateId: template,
  notificationMessageCCList: cc,
});
const actions = (...configurations: object[]) => ({
  displayName: "Windows",
  scheduledActionsForRule: [{ ruleName: null, scheduledActionConfigurations: configurations }],
});
const group = (definition: string, ...children: object[]) => ({
  settingInstance: { settingDefinitionId: definition, groupSettingCollectionValue: [{ children }] },
});

/** Documents whose lists repeat what their keys are made of. */
const repeating: [type: string, document: Record<string, unknown>][] = [
  ["deviceCompliancePolicy", actions(mail(1), mail(3, [pilot]), mail(7, [pilot]), { actionType: "block" })],
  [
    "windowsUpdateRing",
    { ...ring, assignments: [assignments[0], assignments[0], assignments[2], assignments[2]] },
  ],
  [
    "groupPolicyConfiguration",
    {
      definitionValues: [1, 2].map((id) => ({
        id: String(id),
        enabled: id === 1,
        definition: { id: "d", displayName: "Setting" },
        presentationValues: [
          { presentation: { id: "p", label: "Value" }, value: "a" },
          { presentation: { id: "p", label: "Value" }, value: "b" },
        ],
      })),
    },
  ],
  [
    "settingsCatalogPolicy",
    {
      settings: [
        group("g", { settingDefinitionId: "x", simpleSettingValue: { value: 1 } }),
        group(
          "g",
          { settingDefinitionId: "x", simpleSettingValue: { value: 2 } },
          { settingDefinitionId: "x", simpleSettingValue: { value: 3 } },
        ),
      ],
    },
  ],
  [
    "endpointSecurityIntent",
    {
      "@odata.type": "#microsoft.graph.deviceManagementIntent",
      categories: [
        { displayName: "A", settings: [{ definitionId: "s", valueJson: "1" }] },
        { displayName: "B", settings: [{ definitionId: "s", valueJson: "2" }] },
      ],
    },
  ],
  [
    "deviceConfiguration",
    {
      "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
      omaSettings: [
        { displayName: "a", omaUri: "./1/b", value: "1" },
        { displayName: "a/b", omaUri: "./1", value: "2" },
        { displayName: "a/b", omaUri: "./1", value: "3" },
      ],
    },
  ],
];

function keysOf(words: PolicyWords): string[] {
  const below = (rows: readonly WordRow[]): string[] =>
    rows.flatMap((row) => [row.key, ...below(row.children)]);
  return words.sections.flatMap(({ rows }) => below(rows));
}

test.each(repeating)(
  "every row of a %s that repeats itself has a key of its own, and none is lost in differences",
  (type, document) => {
    const words = wordsOf(type, document, context);
    const keys = keysOf(words);
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(keys.length);
    expect(wordDifferences(words, wordsOf(type, structuredClone(document), context))).toEqual([]);
    const valued = (rows: readonly WordRow[]): number =>
      rows.reduce((sum, row) => sum + (row.value.kind === "none" ? 0 : 1) + valued(row.children), 0);
    const all = words.sections.reduce((sum, { rows }) => sum + valued(rows), 0);
    expect(wordDifferences(null, words)).toHaveLength(all);
    expect(wordDifferences(words, null)).toHaveLength(all);
  },
);

test("of rows that are told apart by their order alone, those that say the same are the same", () => {
  const changes = (before: object, after: object) =>
    wordDifferences(
      wordsOf("deviceCompliancePolicy", before, context),
      wordsOf("deviceCompliancePolicy", after, context),
    ).map(({ category, name, kind, before, after: to }) =>
      [...category, name, kind, before && valueText(before), to && valueText(to)].join(" | "),
    );
  const all = actions(mail(1), mail(3, [pilot]), mail(7));
  expect(changes(all, actions(mail(1), mail(5, [pilot]), mail(7)))).toEqual([
    "Send email to end user | changed | After 3 days | After 5 days",
  ]);
  expect(changes(all, actions(mail(3, [pilot]), mail(7)))).toEqual([
    "Send email to end user | removed | After 1 day | ",
    `Send email to end user | Message template | removed | ${template} | `,
  ]);
  expect(changes(actions(mail(7)), all)).toEqual([
    "Send email to end user | added |  | After 1 day",
    `Send email to end user | Message template | added |  | ${template}`,
    "Send email to end user | added |  | After 3 days",
    `Send email to end user | Message template | added |  | ${template}`,
    "Send email to end user | Additional recipients | added |  | Pilot",
  ]);
  expect(changes(all, actions(mail(7), mail(1), mail(3, [unknown])))).toEqual([
    `Send email to end user | Additional recipients | changed | Pilot | ${unknown}`,
  ]);
});
