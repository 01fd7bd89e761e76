import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ReferenceKind } from "#lib/policies/write/write-rule";
import { codesOf as codes, planOf as plan, requestsOf as requests } from "#lib/testing/planned";
import type { Document } from "./document.ts";
import { decisionKey, type KnownObject, mappingOf } from "./mapping.ts";
import type { ItemPlan, Resolution, WriteRequest } from "./plan.ts";
import { capturedObjects } from "./read-source.ts";

const ONE = "11111111-0000-4000-8000-000000000001";
const TWO = "11111111-0000-4000-8000-000000000002";
const THREE = "11111111-0000-4000-8000-000000000003";
const nowhere = (): Resolution => "unknown";
const leftOut = (): Resolution => "left out";

/** As a person decided: this object stands for that one, and nothing else is known. */
const decided = (kind: ReferenceKind, from: string, to: string) =>
  mappingOf({ source: [], target: [], decisions: new Map([[decisionKey(kind, from), { id: to }]]) });

/** The only request of a plan that makes or changes an object. */
function sent(made: ItemPlan, method: WriteRequest["method"]): Document {
  const [request, ...others] = requests(made);
  expect([request?.method, others]).toEqual([method, []]);
  return request?.body ?? {};
}

describe("pauses and rollbacks of an update ring", () => {
  const ring = {
    "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
    id: "u",
    displayName: "Pilot",
    qualityUpdatesDeferralPeriodInDays: 7,
  };
  const never = "0001-01-01T00:00:00Z";
  const moment = "2026-11-20T08:00:00Z";

  test.each<[string, unknown, unknown]>(
    ["featureUpdates", "qualityUpdates"].flatMap((updates): [string, unknown, unknown][] => [
      [`${updates}Paused`, false, true],
      [`${updates}PauseStartDate`, null, "2026-11-20"],
      [`${updates}PauseExpiryDateTime`, never, moment],
      [`${updates}WillBeRolledBack`, false, true],
      [`${updates}RollbackStartDateTime`, never, moment],
    ]),
  )("%s is no difference, and is never sent", (property, off, on) => {
    for (const [then, now] of [
      [off, on],
      [on, off],
    ]) {
      const backup = { ...ring, [property]: then };
      const live = { ...ring, [property]: now };
      expect(plan("windowsUpdateRing", backup, { live }).outcome).toBe("unchanged");
      const changed = plan("windowsUpdateRing", backup, {
        live: { ...live, qualityUpdatesDeferralPeriodInDays: 3 },
      });
      expect(sent(changed, "PATCH")).toEqual({
        "@odata.type": ring["@odata.type"],
        qualityUpdatesDeferralPeriodInDays: 7,
      });
      const made = sent(plan("windowsUpdateRing", backup), "POST");
      expect(made).toMatchObject({ displayName: "Pilot" });
      expect(made).not.toHaveProperty(property);
    }
  });
});

describe("a property that an object is made with for good", () => {
  const fixed: readonly [string, string, unknown, unknown][] = [
    ["settingsCatalogPolicy", "platforms", "windows10", "macOS"],
    ["settingsCatalogPolicy", "technologies", "mdm", "mdm,microsoftSense"],
    ["endpointSecurityPolicy", "platforms", "windows10", "macOS"],
    ["endpointSecurityPolicy", "technologies", "mdm", "mdm,microsoftSense"],
    ["securityBaselinePolicy", "platforms", "windows10", "macOS"],
    ["securityBaselinePolicy", "technologies", "mdm", "mdm,microsoftSense"],
    ["linuxCompliancePolicy", "platforms", "linux", "windows10"],
    ["linuxCompliancePolicy", "technologies", "linuxMdm", "mdm"],
    ["endpointSecurityIntent", "templateId", ONE, TWO],
  ];
  /** Those that are refused by Graph in a PATCH even where they are as they were. */
  const madeOnly: readonly [string, string, unknown, unknown][] = [
    ["deviceCustomAttributeShellScript", "customAttributeName", "Battery", "Disk"],
    ["deviceCustomAttributeShellScript", "customAttributeType", "string", "integer"],
    ["deviceCustomAttributeShellScript", "displayName", "Battery", "Disk"],
    ["windowsFeatureUpdateProfile", "installLatestWindows10OnWindows11IneligibleDevice", true, false],
    ["windowsDriverUpdateProfile", "approvalType", "manual", "automatic"],
    ["windowsEnrollmentStatusPage", "platformType", "windows", "allPlatforms"],
    ["deviceEnrollmentLimitConfiguration", "platformType", "windows", "allPlatforms"],
    ["deviceEnrollmentNotificationConfiguration", "platformType", "windows", "ios"],
    ["managedDeviceAppConfiguration", "targetedMobileApps", [ONE], [TWO]],
  ];

  test.each([...fixed, ...madeOnly])("%s: another %s stops it, and a copy has it", (key, name, then, now) => {
    const backup = { id: "x", [name]: then };
    const live = { id: "x", [name]: now };
    expect(plan(key, backup, { live })).toMatchObject({
      outcome: "blocked",
      reasons: [{ code: "fixed", path: name, message: expect.stringContaining("restore it as a copy") }],
    });
    // The same one stands in nobody's way.
    expect(plan(key, backup, { live: { ...backup, description: "later" } }).outcome).toBe("update");
    expect(plan(key, backup, { live, mode: { kind: "copy", prefix: "C " } }).outcome).toBe("create");
  });

  test.each(madeOnly)("%s: %s is sent when it is made, and never later", (key, name, value) => {
    const backup = { id: "x", description: "then" };
    const made = plan(key, { ...backup, [name]: value });
    expect(requests(made)[0]).toMatchObject({ method: "POST", body: { [name]: value } });
    // An older backup lacks it: named as null, it would be refused as well.
    const live = { id: "x", description: "later", [name]: value };
    expect(sent(plan(key, backup, { live }), "PATCH")).toEqual({ description: "then" });
  });

  test("apps in another order are the same apps", () => {
    const backup = { id: "x", displayName: "A", targetedMobileApps: [ONE, TWO] };
    const live = { ...backup, displayName: "B", targetedMobileApps: [TWO, ONE] };
    expect(sent(plan("managedDeviceAppConfiguration", backup, { live }), "PATCH")).toEqual({
      displayName: "A",
    });
  });
});

test("the app that manages an Autopilot profile's service is not in its change", () => {
  const profile = {
    "@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile",
    id: "a",
    displayName: "Kiosk",
    managementServiceAppId: ONE,
  };
  const live = { ...profile, managementServiceAppId: TWO };
  const alone = plan("windowsAutopilotDeploymentProfile", profile, { live });
  expect([alone.outcome, requests(alone)]).toEqual(["unchanged", []]);
  const renamed = plan("windowsAutopilotDeploymentProfile", profile, {
    live: { ...live, displayName: "Other" },
  });
  expect(sent(renamed, "PATCH")).toEqual({ "@odata.type": profile["@odata.type"], displayName: "Kiosk" });
  expect(sent(plan("windowsAutopilotDeploymentProfile", profile), "POST")).toMatchObject({
    managementServiceAppId: ONE,
  });
});

describe("a reference that stands in one place only", () => {
  const script = (deviceComplianceScriptId: string): Document => ({
    "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
    id: "c",
    displayName: "Custom",
    deviceCompliancePolicyScript: { deviceComplianceScriptId, rulesContent: "e30=" },
  });
  const page = (...selectedMobileAppIds: string[]): Document => ({
    "@odata.type": "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration",
    id: "e",
    displayName: "Page",
    selectedMobileAppIds,
  });
  const configuration = (...targetedMobileApps: string[]): Document => ({
    "@odata.type": "#microsoft.graph.iosMobileAppConfiguration",
    id: "m",
    displayName: "Mail",
    targetedMobileApps,
  });
  const discovery = (value: string): Document => ({
    id: "l",
    name: "Linux",
    platforms: "linux",
    technologies: "linuxMdm",
    settings: [
      {
        settingInstance: {
          "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
          settingDefinitionId: "linux_customcompliance_discoveryscript",
          simpleSettingValue: {
            "@odata.type": "#microsoft.graph.deviceManagementConfigurationReferenceSettingValue",
            value,
          },
        },
      },
    ],
  });

  const places: readonly [string, string, ReferenceKind, string, (id: string) => Document][] = [
    [
      "the script that a compliance policy runs",
      "deviceCompliancePolicy",
      "complianceScript",
      "deviceCompliancePolicyScript/deviceComplianceScriptId",
      script,
    ],
    [
      "an app that an enrollment status page waits for",
      "windowsEnrollmentStatusPage",
      "app",
      "selectedMobileAppIds/0",
      page,
    ],
    [
      "the app that a configuration is for",
      "managedDeviceAppConfiguration",
      "app",
      "targetedMobileApps/0",
      configuration,
    ],
    [
      "the discovery script of a Linux compliance policy, which is a reusable setting",
      "linuxCompliancePolicy",
      "reusableSetting",
      "settings/0/settingInstance/simpleSettingValue/value",
      discovery,
    ],
  ];

  test.each(places)("%s is written as this tenant has it, or stops it", (_name, key, kind, path, of) => {
    const mapped = { resolve: decided(kind, ONE, TWO) };
    const { id: _, ...content } = of(TWO);
    expect(requests(plan(key, of(ONE), mapped))[0]?.body).toMatchObject(content);
    // Compared with the same object, it is as it was.
    expect(plan(key, of(ONE), { ...mapped, live: of(TWO) }).outcome).toBe("unchanged");
    const missing = { outcome: "blocked", reasons: [{ code: "unresolved", path, kind, id: ONE }] };
    expect(plan(key, of(ONE), { resolve: nowhere })).toMatchObject(missing);
    const live = { ...of(THREE), description: "later" };
    expect(plan(key, of(ONE), { live, resolve: nowhere })).toMatchObject({
      outcome: "blocked",
      reasons: expect.arrayContaining(missing.reasons.map((one) => expect.objectContaining(one))),
    });
    // It is all that there is in its place: without it, the policy would mean something else.
    expect(plan(key, of(ONE), { resolve: leftOut }).outcome).toBe("blocked");
  });

  test("a change carries the script, the apps and the setting that they are in this tenant", () => {
    const change = (key: string, kind: ReferenceKind, of: (id: string) => Document) =>
      requests(plan(key, of(ONE), { live: of(THREE), resolve: decided(kind, ONE, TWO) })).map(
        ({ body }) => body,
      );
    expect(change("deviceCompliancePolicy", "complianceScript", script)).toMatchObject([
      { deviceCompliancePolicyScript: { deviceComplianceScriptId: TWO } },
    ]);
    expect(change("windowsEnrollmentStatusPage", "app", page)).toMatchObject([
      { selectedMobileAppIds: [TWO] },
    ]);
    expect(change("linuxCompliancePolicy", "reusableSetting", discovery)).toMatchObject([
      { settings: discovery(TWO).settings },
    ]);
  });

  describe("to an app whose name another kind of app bears", () => {
    const app = (id: string, of: string): KnownObject => ({ kind: "app", id, name: "Portal", of });
    const to = (...target: KnownObject[]) => ({
      resolve: mappingOf({ source: [app(ONE, "win32LobApp")], target }),
    });
    const [right, wrong] = [app(TWO, "win32LobApp"), app(THREE, "iosStoreApp")];

    test.each([
      ["first", [right, wrong]],
      ["last", [wrong, right]],
    ])("that of the right kind is taken, found %s", (_, target) => {
      const pages = plan("windowsEnrollmentStatusPage", page(ONE), to(...target));
      expect(sent(pages, "POST")).toMatchObject({ selectedMobileAppIds: [TWO] });
      const configured = plan("managedDeviceAppConfiguration", configuration(ONE), to(...target));
      expect(sent(configured, "POST")).toMatchObject({ targetedMobileApps: [TWO] });
    });

    test("the only one, of another kind, is not taken; of two of its kind neither is", () => {
      const of = (...target: KnownObject[]) =>
        codes(plan("windowsEnrollmentStatusPage", page(ONE), to(...target)));
      expect([of(wrong), of(right, app(THREE, "win32LobApp"))]).toEqual([["unresolved"], ["ambiguous"]]);
    });

    test("its kind is read from the set's copy of it", async () => {
      const content = Buffer.from(JSON.stringify({ "@odata.type": "#microsoft.graph.win32LobApp", id: ONE }));
      const sha256 = createHash("sha256").update(content).digest("hex");
      const row = { policy_type: "mobileApp", graph_id: ONE, display_name: "Portal" };
      const captured = await capturedObjects([{ ...row, sha256, encoding: "plain", content }]);
      expect(captured).toContainEqual({ ...app(ONE, "win32LobApp"), policy_type: "mobileApp" });
    });
  });

  test("a setting's text that looks like a reusable setting's id is none", () => {
    const [setting] = discovery(ONE).settings as { settingInstance: Document }[];
    const simpleSettingValue = {
      "@odata.type": "#microsoft.graph.deviceManagementConfigurationStringSettingValue",
      value: ONE,
    };
    const backup = {
      ...discovery(ONE),
      settings: [{ settingInstance: { ...setting?.settingInstance, simpleSettingValue } }],
    };
    expect(plan("linuxCompliancePolicy", backup, { resolve: nowhere }).outcome).toBe("create");
  });
});

describe("what a conditional access policy names and the tenant lacks", () => {
  const access = (applications: Document, termsOfUse: readonly string[] = []): Document => ({
    id: "p",
    displayName: "Guests",
    state: "disabled",
    conditions: { applications, users: { includeUsers: ["All"] } },
    grantControls: { operator: "OR", builtInControls: ["mfa"], termsOfUse },
  });
  const all = { includeApplications: ["All"] };

  test.each<[string, Document, string, ReferenceKind, string]>([
    ["terms of use", access(all, [ONE]), "grantControls/termsOfUse/0", "termsOfUse", "unresolved"],
    [
      "an application that it is for",
      access({ includeApplications: [ONE] }),
      "conditions/applications/includeApplications/0",
      "application",
      "unresolved",
    ],
    [
      "an application that it is not for",
      access({ ...all, excludeApplications: [ONE] }),
      "conditions/applications/excludeApplications/0",
      "application",
      "excluded_unresolved",
    ],
  ])("%s: it is not written", (_, backup, path, kind, code) => {
    const reasons = [{ code, path, kind, id: ONE }];
    const live = { ...backup, displayName: "Other" };
    for (const change of [{}, { live }])
      expect(plan("conditionalAccessPolicy", backup, { ...change, resolve: nowhere })).toMatchObject({
        outcome: "blocked",
        reasons,
      });
    const found = plan("conditionalAccessPolicy", backup, { resolve: decided(kind, ONE, TWO) });
    const text = JSON.stringify(sent(found, "POST"));
    expect([text.includes(TWO), text.includes(ONE)]).toEqual([true, false]);
  });

  test("left out, an exclusion stops it still, and so does the last of what it is for or asks for", () => {
    const of = (backup: Document) => codes(plan("conditionalAccessPolicy", backup, { resolve: leftOut }));
    expect([
      of(access({ ...all, excludeApplications: [ONE] })),
      of(access({ includeApplications: [ONE] })),
      of(access(all, [ONE])),
    ]).toEqual([["excluded_unresolved"], ["wider_reach"], ["wider_reach"]]);
  });
});

describe("settings of a legacy intent that the backup lacks", () => {
  const setting = (definitionId: string, value: boolean, id?: string): Document => ({
    "@odata.type": "#microsoft.graph.deviceManagementBooleanSettingInstance",
    ...(id !== undefined && { id }),
    definitionId,
    valueJson: JSON.stringify(value),
    value,
  });
  const intent = (...settings: Document[]): Document => ({
    id: "i",
    displayName: "Disks",
    templateId: "t",
    settings,
  });

  test("stay, and the plan names them beside what it writes", () => {
    const live = intent(
      setting("a", false, "live-a"),
      setting("b", true, "live-b"),
      setting("c", true, "live-c"),
    );
    const made = plan("endpointSecurityIntent", intent(setting("a", true, "x"), setting("b", true, "y")), {
      live,
    });
    expect(made).toMatchObject({ outcome: "update", stays: [{ path: "settings", what: "c" }] });
    expect(sent(made, "POST")).toEqual({
      settings: [
        {
          "@odata.type": "#microsoft.graph.deviceManagementBooleanSettingInstance",
          id: "live-a",
          definitionId: "a",
          valueJson: "true",
        },
      ],
    });
  });

  test("alone are nothing to write, and are named all the same", () => {
    const live = intent(setting("a", true, "live-a"), setting("c", true, "live-c"));
    expect(plan("endpointSecurityIntent", intent(setting("a", true, "x")), { live })).toMatchObject({
      outcome: "unchanged",
      requests: [],
      stays: [{ path: "settings", what: "c" }],
    });
  });
});
