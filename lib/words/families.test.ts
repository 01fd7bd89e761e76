import { expect, test } from "vitest";
import { linesOf } from "#lib/testing/words";
import { noWordContext, type SettingDefinition, type WordContext } from "./schema.ts";
import { wordsOf } from "./words-of.ts";

const config = "#microsoft.graph.deviceManagementConfiguration";

function definition(
  id: string,
  name: string,
  options: Record<string, string> = {},
): [string, SettingDefinition] {
  return [
    id,
    {
      id,
      version: "1",
      name,
      description: `${name} is described. In two sentences.`,
      category_id: "c1",
      csp_path: null,
      options,
    },
  ];
}

const definitions = new Map<string, SettingDefinition>([
  definition("bitlocker_encryption", "Require device encryption", { bitlocker_encryption_1: "Enabled" }),
  definition("bitlocker_method", "Encryption method", { bitlocker_method_7: "XTS-AES 256-bit" }),
  definition("bitlocker_rotation", "Rotation period"),
  definition("firewall_rule", "Firewall rules"),
  definition("firewall_rule_name", "Name"),
  definition("firewall_rule_port", "Local port"),
  definition("vpn_key", "Pre-shared key"),
  definition("sites", "Allowed sites"),
]);

const names = new Map([
  ["group 00000000-0000-4000-8000-000000000001", "Pilot"],
  ["user 00000000-0000-4000-8000-000000000002", "Break glass"],
  ["directoryRole 00000000-0000-4000-8000-000000000003", "Global Administrator"],
  ["namedLocation 00000000-0000-4000-8000-000000000004", "Head office"],
  ["notificationMessageTemplate 00000000-0000-4000-8000-000000000005", "Please update"],
]);

const context: WordContext = {
  definition: (id) => definitions.get(id),
  template: () => [],
  category: (id) => (id === "c1" ? ["Windows Components", "BitLocker"] : []),
  nameOf: (kind, id) => names.get(`${kind} ${id}`),
};

const simple = (id: string, type: string, value: unknown) => ({
  "@odata.type": `${config}SimpleSettingInstance`,
  settingDefinitionId: id,
  simpleSettingValue: {
    "@odata.type": `${config}${type}SettingValue`,
    value,
    valueState: "encryptedValueToken",
  },
});
const choice = (id: string, value: string, children: unknown[] = []) => ({
  "@odata.type": `${config}ChoiceSettingInstance`,
  settingDefinitionId: id,
  choiceSettingValue: { value, children },
});

const catalogPolicy = {
  "@odata.type": `${config}Policy`,
  name: "BitLocker",
  platforms: "windows10",
  technologies: "mdm,microsoftSense",
  settingCount: 4,
  templateReference: {
    templateId: "t_1",
    templateDisplayName: "BitLocker",
    templateDisplayVersion: "Version 1",
  },
  settings: [
    { id: "0", settingInstance: choice("unknown_setting", "unknown_setting_1") },
    {
      id: "1",
      settingInstance: choice("bitlocker_encryption", "bitlocker_encryption_1", [
        choice("bitlocker_method", "bitlocker_method_7"),
        simple("bitlocker_rotation", "Integer", 30),
      ]),
    },
    {
      id: "2",
      settingInstance: {
        "@odata.type": `${config}GroupSettingCollectionInstance`,
        settingDefinitionId: "firewall_rule",
        groupSettingCollectionValue: [
          {
            children: [
              simple("firewall_rule_name", "String", "Web"),
              simple("firewall_rule_port", "Integer", 443),
            ],
          },
          {
            children: [
              simple("firewall_rule_name", "String", "Mail"),
              simple("firewall_rule_port", "Integer", 25),
            ],
          },
        ],
      },
    },
    { id: "3", settingInstance: simple("vpn_key", "Secret", "4b8c0d3e-27f1-4a59-9c6b-1d2e3f405162") },
    {
      id: "4",
      settingInstance: {
        "@odata.type": `${config}SimpleSettingCollectionInstance`,
        settingDefinitionId: "sites",
        simpleSettingCollectionValue: [{ value: "https://a.example" }, { value: "https://b.example" }],
      },
    },
  ],
};

test("settings of the catalog go by definition, category and chosen label, those below others indented", () => {
  const category = "Windows Components > BitLocker > ";
  expect(linesOf(wordsOf("settingsCatalogPolicy", catalogPolicy, context))).toEqual([
    "## About",
    "Name: BitLocker",
    "Platforms: Windows 10 and later",
    "Technologies: MDM, Microsoft Defender for Endpoint",
    "Template: BitLocker, Version 1",
    "## Settings",
    `${category}Require device encryption: Enabled`,
    "  Encryption method: XTS-AES 256-bit",
    "  Rotation period: 30",
    `${category}Firewall rules`,
    "  Web",
    "    Name: Web",
    "    Local port: 443",
    "  Mail",
    "    Name: Mail",
    "    Local port: 25",
    `${category}Pre-shared key: (secret)`,
    `${category}Allowed sites: [https://a.example; https://b.example]`,
    "unknown_setting: unknown_setting_1 (raw)",
  ]);
  const [, settings] = wordsOf("settingsCatalogPolicy", catalogPolicy, context).sections;
  expect(settings?.rows[0]).toMatchObject({
    key: "bitlocker_encryption",
    path: ["settings", 1, "settingInstance"],
    note: "Require device encryption is described.",
    children: [{ key: "bitlocker_encryption/bitlocker_method" }, {}],
  });
  expect(settings?.rows[1]?.children[1]).toMatchObject({ key: "firewall_rule/Mail" });
});

test("settings come in the order of the template that their policy was made from", () => {
  const template = (id: string) => (id === "t_1" ? ["sites", "firewall_rule", "unknown_setting"] : []);
  const [, settings] = wordsOf("settingsCatalogPolicy", catalogPolicy, { ...context, template }).sections;
  expect(settings?.rows.map(({ key }) => key)).toEqual([
    "sites",
    "firewall_rule",
    "bitlocker_encryption",
    "vpn_key",
    // What has no category is at the end.
    "unknown_setting",
  ]);
});

test("a reusable setting is one instance", () => {
  const reusable = {
    "@odata.type": "#microsoft.graph.deviceManagementReusablePolicySetting",
    displayName: "Sites",
    settingDefinitionId: "sites",
    settingInstance: choice("bitlocker_method", "bitlocker_method_7"),
  };
  expect(linesOf(wordsOf("reusablePolicySetting", reusable, context)).slice(2)).toEqual([
    "## Settings",
    "Windows Components > BitLocker > Encryption method: XTS-AES 256-bit",
  ]);
});

test("administrative templates go by policy path and presentation", () => {
  const templates = {
    displayName: "Edge",
    definitionValues: [
      {
        enabled: true,
        definition: {
          id: "d1",
          classType: "machine",
          displayName: "Configure the home page URL",
          categoryPath: "\\Microsoft Edge\\Startup",
          explainText: "Sets the home page.\nMore.",
        },
        presentationValues: [
          {
            "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
            value: "https://intranet.example",
            presentation: { id: "p1", label: "Home page URL:" },
          },
          {
            "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
            value: "2",
            presentation: {
              "@odata.type": "#microsoft.graph.groupPolicyPresentationDropdownList",
              id: "p2",
              label: "Mode",
              items: [
                { displayName: "Block", value: "1" },
                { displayName: "Allow", value: "2" },
              ],
            },
          },
          {
            "@odata.type": "#microsoft.graph.groupPolicyPresentationValueList",
            values: [{ name: "1", value: "a.example" }, { name: "b.example" }],
            presentation: { id: "p3", label: "Sites" },
          },
        ],
      },
      {
        enabled: false,
        definition: { id: "d2", classType: "user", displayName: "Off", categoryPath: "\\Other" },
      },
    ],
  };
  expect(linesOf(wordsOf("groupPolicyConfiguration", templates, context)).slice(2)).toEqual([
    "## Settings",
    "Computer Configuration > Microsoft Edge > Startup > Configure the home page URL: Enabled",
    "  Home page URL: https://intranet.example",
    "  Mode: Allow",
    "  Sites: [1: a.example; b.example]",
    "User Configuration > Other > Off: Disabled",
  ]);
});

test("compliance has rules, and actions with their days", () => {
  const compliance = {
    "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
    displayName: "Windows",
    passwordRequired: true,
    passwordExpirationDays: 90,
    scheduledActionsForRule: [
      {
        ruleName: "PasswordRequired",
        scheduledActionConfigurations: [
          {
            actionType: "block",
            gracePeriodHours: 72,
            notificationTemplateId: "00000000-0000-0000-0000-000000000000",
            notificationMessageCCList: [],
          },
          {
            actionType: "notification",
            gracePeriodHours: 0,
            notificationTemplateId: "00000000-0000-4000-8000-000000000005",
            notificationMessageCCList: ["00000000-0000-4000-8000-000000000001"],
          },
        ],
      },
    ],
  };
  expect(linesOf(wordsOf("deviceCompliancePolicy", compliance, context)).slice(3)).toEqual([
    "## Rules",
    "Password required: Yes",
    "Password expiration days: 90 days",
    "## Actions for noncompliance",
    "Mark device noncompliant: After 3 days",
    "Send email to end user: Immediately",
    "  Message template: Please update",
    "  Additional recipients: Pilot",
  ]);
});

test("scripts are decoded, with language and encoding", () => {
  const base64 = (text: string, encoding: BufferEncoding = "utf8") =>
    Buffer.from(text, encoding).toString("base64");
  const script = {
    "@odata.type": "#microsoft.graph.deviceHealthScript",
    displayName: "Disk",
    detectionScriptContent: base64("Write-Output 'größer'\r\nexit 0"),
    remediationScriptContent: base64("\ufeffWrite-Output 1; exit 0", "utf16le"),
    runAsAccount: "system",
  };
  expect(linesOf(wordsOf("deviceHealthScript", script, context)).slice(2)).toEqual([
    "## Settings",
    `Detection script content: <powershell, Base64, UTF-8> ${JSON.stringify("Write-Output 'größer'\r\nexit 0")}`,
    `Remediation script content: <powershell, Base64, UTF-16 LE> ${JSON.stringify("Write-Output 1; exit 0")}`,
    "Run as account: System",
  ]);
  const shell = {
    "@odata.type": "#microsoft.graph.deviceShellScript",
    fileName: "a.sh",
    scriptContent: base64("#!/usr/bin/env python3\nprint('a')"),
  };
  expect(linesOf(wordsOf("deviceShellScript", shell, context)).join()).toContain("<python, Base64, UTF-8>");
  const latin = {
    ...shell,
    scriptContent: Buffer.from("#!/bin/zsh\necho gr\u00f6\u00dfer", "latin1").toString("base64"),
  };
  expect(linesOf(wordsOf("deviceShellScript", latin, context)).join()).toContain(
    "<shell, Base64, Windows-1252>",
  );
  const profile = {
    "@odata.type": "#microsoft.graph.macOSCustomConfiguration",
    payload: base64('<?xml version="1.0"?><plist><dict/></plist>'),
  };
  expect(linesOf(wordsOf("deviceConfiguration", profile, context)).join()).toContain(
    "Payload: <xml, Base64, UTF-8>",
  );
});

test("what only could be Base64 stays as it is, and what clearly is one is decoded", () => {
  const said = (value: string) => {
    const setting = { displayName: "Setting", omaUri: "./Vendor/X", value };
    const custom = {
      "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
      omaSettings: [setting],
    };
    return linesOf(wordsOf("deviceConfiguration", custom, context))
      .at(-1)
      ?.trim();
  };
  for (const plain of [
    "ContosoKioskUser",
    "LocalAdministrators1",
    "FRA01DESKTOP7KQ2LMNX",
    "Contoso/Shared/Wallpaper",
    "6F9619FF8B86D011B42D00C04FC964FF",
    "Contoso/Standard/Wallpapers/Windows10/HeadOffice/Reception/Kiosks/A1",
  ])
    expect(said(plain)).toBe(`Value: ${plain}`);
  const base64 = (bytes: Buffer) => bytes.toString("base64");
  const utf16le = Buffer.from("\ufeffGröße = 1", "utf16le");
  expect(said(base64(Buffer.from("net use Z: /delete")))).toBe(
    'Value: <text, Base64, UTF-8> "net use Z: /delete"',
  );
  expect(said(base64(Buffer.from("echo größer Raum", "latin1")))).toBe(
    'Value: <text, Base64, Windows-1252> "echo größer Raum"',
  );
  expect(said(base64(utf16le))).toBe('Value: <text, Base64, UTF-16 LE> "Größe = 1"');
  expect(said(base64(Buffer.from(utf16le).swap16()))).toBe('Value: <text, Base64, UTF-16 BE> "Größe = 1"');
  expect(said(base64(Buffer.from("<enabled/>\r\n")))).toMatch(/^Value: <xml, Base64, UTF-8>/);
  expect(said(base64(Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 89) % 256))))).toMatch(
    /^Value: Binary, 300 bytes, SHA-256 /,
  );
});

test("conditional access is said in sentences", () => {
  const access = {
    displayName: "CA001",
    state: "enabled",
    conditions: {
      users: {
        includeUsers: ["All"],
        excludeUsers: ["00000000-0000-4000-8000-000000000002"],
        excludeGroups: ["00000000-0000-4000-8000-000000000001"],
        includeRoles: ["00000000-0000-4000-8000-000000000003"],
      },
      applications: {
        includeApplications: ["Office365"],
        excludeApplications: ["00000003-0000-0000-c000-000000000000"],
      },
      locations: { includeLocations: ["All"], excludeLocations: ["00000000-0000-4000-8000-000000000004"] },
      platforms: { includePlatforms: ["iOS", "android"], excludePlatforms: [] },
      clientAppTypes: ["browser", "mobileAppsAndDesktopClients"],
      signInRiskLevels: ["medium", "high"],
      devices: { deviceFilter: { mode: "exclude", rule: 'device.model -eq "Kiosk"' } },
    },
    grantControls: { operator: "OR", builtInControls: ["mfa", "compliantDevice"] },
    sessionControls: {
      signInFrequency: { isEnabled: true, value: 1, type: "days", frequencyInterval: "timeBased" },
      persistentBrowser: { isEnabled: true, mode: "never" },
    },
  };
  const words = wordsOf("conditionalAccessPolicy", access, context);
  expect(words.sentences).toEqual([
    "The policy is on.",
    "Applies to all users and the role “Global Administrator”, except Break glass and the group “Pilot”.",
    "When they access Office 365, except Microsoft Graph.",
    "From any location, except “Head office”.",
    "On iOS/iPadOS and Android.",
    "With browsers and mobile apps and desktop clients.",
    'Except devices that match device.model -eq "Kiosk".',
    "When the sign-in risk is medium or high.",
    "Then access needs multifactor authentication or a compliant device.",
    "People sign in again after 1 day.",
    "The browser session is never kept when the browser closes.",
  ]);
  expect(words.sections.map(({ title }) => title)).toEqual([
    "About",
    "Settings",
    "Conditions",
    "Access controls",
  ]);
  const strong = {
    ...access,
    state: "enabledForReportingButNotEnforced",
    conditions: {
      users: { includeUsers: ["None"] },
      applications: { includeUserActions: ["urn:user:registersecurityinfo"] },
    },
    grantControls: {
      operator: "AND",
      builtInControls: [],
      authenticationStrength: {
        id: "00000000-0000-0000-0000-000000000004",
        displayName: "Phishing-resistant MFA",
      },
      termsOfUse: ["00000000-0000-4000-8000-000000000009"],
    },
    sessionControls: null,
  };
  expect(wordsOf("conditionalAccessPolicy", strong, context).sentences).toEqual([
    "The policy is in report-only mode: it is evaluated, and enforces nothing.",
    "Applies to nobody.",
    "When they register security information.",
    "Then access needs the authentication strength “Phishing-resistant MFA” and the terms of use.",
  ]);
  const block = { ...strong, grantControls: { operator: "OR", builtInControls: ["block"] } };
  expect(wordsOf("conditionalAccessPolicy", block, context).sentences.at(-1)).toBe("Then access is blocked.");
});

test("how often people sign in again is said in the unit that the policy has, in sentences and rows", () => {
  const signInFrequency = { isEnabled: true, value: 4, type: "hours", frequencyInterval: "timeBased" };
  const access = { displayName: "CA002", state: "enabled", sessionControls: { signInFrequency } };
  const lines = linesOf(wordsOf("conditionalAccessPolicy", access, context));
  expect(lines).toContain("* People sign in again after 4 hours.");
  expect(lines).toContain("  Value: 4");
  expect(lines).toContain("  Type: Hours");
});

test("app protection says its durations and its apps", () => {
  const protection = {
    "@odata.type": "#microsoft.graph.iosManagedAppProtection",
    displayName: "iOS",
    periodOfflineBeforeAccessCheck: "PT12H",
    allowedOutboundClipboardSharingLevel: "managedAppsWithPasteIn",
    pinRequired: true,
    apps: [
      {
        id: "1",
        mobileAppIdentifier: {
          "@odata.type": "#microsoft.graph.iosMobileAppIdentifier",
          bundleId: "com.microsoft.outlook",
        },
      },
    ],
  };
  expect(linesOf(wordsOf("appProtectionPolicy", protection, context)).slice(3)).toEqual([
    "## Settings",
    "Apps: [com.microsoft.outlook]",
    "Period offline before access check: 12 hours",
    "Allowed outbound clipboard sharing level: Managed apps with paste in",
    "PIN required: Yes",
  ]);
});

test("legacy intents go by their definitions, where those are known", () => {
  const definition = (id: string) => ({
    id,
    version: "",
    name: "Firewall mode",
    description: "Whether the firewall is on. More of it.",
    category_id: null,
    csp_path: null,
    options: { on: "Always on" },
  });
  const intent = {
    settings: [{ definitionId: "deviceConfiguration--type_mode", valueJson: '"on"' }],
  };
  const [settings] = wordsOf("endpointSecurityIntent", intent, { ...context, definition }).sections;
  expect(settings?.rows).toMatchObject([
    {
      name: "Firewall mode",
      isNamed: true,
      note: "Whether the firewall is on.",
      value: { kind: "text", text: "Always on" },
    },
  ]);
});

test("legacy intents go by the property behind their definition", () => {
  const setting = {
    "@odata.type": "#microsoft.graph.deviceManagementBooleanSettingInstance",
    definitionId: "deviceConfiguration--windows10EndpointProtectionConfiguration_smartScreenEnableInShell",
    valueJson: "true",
  };
  const intent = {
    displayName: "Baseline",
    categories: [{ displayName: "SmartScreen", settings: [setting] }],
    settings: [setting],
  };
  expect(linesOf(wordsOf("endpointSecurityIntent", intent, context)).slice(2)).toEqual([
    "## Settings",
    "SmartScreen > SmartScreen enable in shell: Yes",
  ]);
});

test("without definitions and names everything is shown as it is", () => {
  const lines = linesOf(wordsOf("settingsCatalogPolicy", catalogPolicy, noWordContext));
  expect(lines).toContain("bitlocker_encryption: bitlocker_encryption_1 (raw)");
  expect(lines).toContain("  bitlocker_rotation: 30 (raw)");
});
