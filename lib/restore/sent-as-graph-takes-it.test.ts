import { describe, expect, test } from "vitest";
import { planOf as plan, requestsOf as requests } from "#lib/testing/planned";
import type { Document } from "./document.ts";
import { mappingOf } from "./mapping.ts";

/** What Graph refuses, or takes and means otherwise, and how a plan goes round it. */

describe("conditional access", () => {
  const access = {
    id: "p",
    displayName: "Compliant devices",
    state: "disabled",
    conditions: {
      applications: { includeApplications: ["All"] },
      users: { includeUsers: ["All"] },
      deviceStates: { includeStates: ["All"], excludeStates: ["Compliant"] },
    },
    sessionControls: { disableResilienceDefaults: true },
  };

  test("the older form of its condition for devices is not sent", () => {
    const conditions = { applications: { includeApplications: ["All"] }, users: { includeUsers: ["All"] } };
    const [create] = requests(plan("conditionalAccessPolicy", access));
    expect(create?.body.conditions).toEqual(conditions);
    const live = { ...access, conditions: { ...access.conditions, users: { includeUsers: ["None"] } } };
    const [patch] = requests(plan("conditionalAccessPolicy", access, { live }));
    expect(patch?.body).toEqual({ conditions });
  });

  test.each([
    [true, { disableResilienceDefaults: true }],
    [false, {}],
    [null, {}],
  ])("resilience defaults that are disabled: %s", (disableResilienceDefaults, expected) => {
    const backup = { ...access, sessionControls: { disableResilienceDefaults } };
    const [create] = requests(plan("conditionalAccessPolicy", backup));
    expect(create?.body.sessionControls).toEqual(expected);
  });
});

test.each([
  "settingsCatalogPolicy",
  "endpointSecurityPolicy",
  "securityBaselinePolicy",
  "linuxCompliancePolicy",
])("settings of a %s go without the definitions that explain them, and without ids", (key) => {
  const settingInstance = { settingDefinitionId: "a", simpleSettingValue: { value: 1 } };
  const settings = [{ id: "0", settingDefinitions: [{ id: "a", displayName: "A" }], settingInstance }];
  const policy = { id: "c", name: "P", platforms: "linux", technologies: "mdm", settings };
  const [create] = requests(plan(key, policy));
  const [put] = requests(plan(key, policy, { live: { ...policy, name: "Q" } }));
  expect([create, put].map((request) => [request?.method, request?.body.settings])).toEqual([
    ["POST", [{ settingInstance }]],
    ["PUT", [{ settingInstance }]],
  ]);
});

test("a secret file of a custom profile is given as it is, and sent in base64", () => {
  const file = {
    "@odata.type": "#microsoft.graph.omaSettingBase64",
    displayName: "File",
    omaUri: "./a",
    fileName: "a.xml",
    isEncrypted: true,
    secretReferenceValueId: "r",
    value: "****",
  };
  const backup = {
    "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
    id: "d",
    displayName: "D",
    omaSettings: [file],
  };
  const secrets = new Map([["omaSettings/0/value", "<größe/>"]]);
  const [create] = requests(plan("deviceConfiguration", backup, { secrets }));
  expect(create?.body.omaSettings).toEqual([
    {
      "@odata.type": "#microsoft.graph.omaSettingBase64",
      displayName: "File",
      omaUri: "./a",
      fileName: "a.xml",
      value: "PGdyw7bDn2UvPg==",
    },
  ]);
});

test("a compliance script of Microsoft's is neither made nor changed", () => {
  const backup = { id: "s", displayName: "Antivirus", publisher: "Microsoft" };
  const live = { ...backup, displayName: "Other" };
  const why = "Microsoft keeps this script.";
  expect(plan("deviceComplianceScript", backup)).toMatchObject({ outcome: "impossible", why });
  expect(plan("deviceComplianceScript", backup, { live })).toMatchObject({ outcome: "impossible", why });
  expect(plan("deviceComplianceScript", { ...backup, publisher: "Contoso" }).outcome).toBe("create");
});

test("enrollment restrictions, which no application may write, come with the values to set by hand", () => {
  const backup = {
    "@odata.type": "#microsoft.graph.deviceEnrollmentPlatformRestrictionConfiguration",
    id: "e_SinglePlatformRestriction",
    displayName: "Windows",
    platformType: "windows",
    platformRestriction: {
      platformBlocked: false,
      personalDeviceEnrollmentBlocked: true,
      osMinimumVersion: "10.0.22631",
    },
  };
  const live = {
    ...backup,
    displayName: "Windows 11",
    platformRestriction: {
      ...backup.platformRestriction,
      personalDeviceEnrollmentBlocked: false,
      osMinimumVersion: "",
    },
  };
  const made = plan("enrollmentRestriction", backup, { live });
  expect(made).toMatchObject({
    outcome: "impossible",
    why: expect.stringContaining("only a signed-in Intune administrator"),
  });
  const values = made.changes.map(({ path, before, after }) => [path.join("/"), before, after]);
  expect(values.sort()).toEqual([
    ["displayName", "Windows 11", "Windows"],
    ["platformRestriction/osMinimumVersion", "", "10.0.22631"],
    ["platformRestriction/personalDeviceEnrollmentBlocked", false, true],
  ]);
  // Of one that is gone, all of it.
  const gone = plan("enrollmentRestriction", backup);
  expect(gone.changes.map(({ path, after }) => [path.join("/"), after])).toContainEqual([
    "displayName",
    "Windows",
  ]);
});

test.each([
  [0, 0],
  [0, 4],
  [3, 0],
])("the default of an enrollment is changed by one request, and gets no priority: %i over %i", (of, over) => {
  const backup = {
    "@odata.type": "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration",
    id: "x_DefaultWindows10EnrollmentCompletionPageConfiguration",
    displayName: "All users and all devices",
    showInstallationProgress: true,
    priority: of,
  };
  const live = { ...backup, showInstallationProgress: false, priority: over };
  expect(
    requests(plan("windowsEnrollmentStatusPage", backup, { live })).map(({ method, body }) => [method, body]),
  ).toEqual([["PATCH", { "@odata.type": backup["@odata.type"], showInstallationProgress: true }]]);
});

describe("app protection", () => {
  const mobileAppIdentifier = {
    "@odata.type": "#microsoft.graph.iosMobileAppIdentifier",
    bundleId: "com.microsoft.office.outlook",
  };
  const protection = {
    "@odata.type": "#microsoft.graph.iosManagedAppProtection",
    id: "T_1",
    displayName: "Phones",
    appGroupType: "selectedPublicApps",
    apps: [{ id: "com.microsoft.office.outlook.ios", version: "1", mobileAppIdentifier }],
  };
  const path = "deviceAppManagement/iosManagedAppProtections/T_1/targetApps";
  const body = { apps: [{ mobileAppIdentifier }], appGroupType: "selectedPublicApps" };
  const inPlace = (live: Document) =>
    requests(plan("appProtectionPolicy", protection, { live })).map((request) => [
      request.path,
      request.body,
    ]);

  test("the group of its apps goes with the apps, also where it alone differs", () => {
    const [create, apps] = requests(plan("appProtectionPolicy", protection));
    expect([create?.creates, apps?.path, apps?.body]).toEqual([true, path.replace("T_1", "{id}"), body]);
    expect(inPlace({ ...protection, apps: [] })).toEqual([[path, body]]);
    expect(inPlace({ ...protection, appGroupType: "allApps" })).toEqual([[path, body]]);
  });

  test("all users, a group that every tenant has and none lists, are all users elsewhere too", () => {
    const target = {
      "@odata.type": "#microsoft.graph.groupAssignmentTarget",
      groupId: "acacacac-9df4-4c7d-9d50-4ef0226f57a9",
    };
    const backup = { ...protection, assignments: [{ id: "a", source: "direct", target }] };
    for (const isForeign of [false, true]) {
      const resolve = mappingOf({ source: [], target: [], isForeign });
      const made = plan("appProtectionPolicy", backup, { resolve });
      expect(requests(made).at(-1)?.body).toEqual({ assignments: [{ target }] });
    }
  });
});

test("telemetry of a branding profile is set when one is made: Graph takes no change of it", () => {
  const backup = {
    "@odata.type": "#microsoft.graph.intuneBrandingProfile",
    id: "b",
    profileName: "Sales",
    profileDescription: "",
    isDefaultProfile: false,
    displayName: "Contoso",
    disableClientTelemetry: true,
    roleScopeTagIds: ["0"],
  };
  const { "@odata.type": kind, profileName, profileDescription, roleScopeTagIds } = backup;
  expect(requests(plan("intuneBrandingProfile", backup)).map(({ method, body }) => [method, body])).toEqual([
    [
      "POST",
      { "@odata.type": kind, profileName, profileDescription, roleScopeTagIds, disableClientTelemetry: true },
    ],
    ["PATCH", { "@odata.type": kind, displayName: "Contoso" }],
  ]);
  const live = { ...backup, displayName: "Other", disableClientTelemetry: false };
  expect(requests(plan("intuneBrandingProfile", backup, { live })).map(({ body }) => body)).toEqual([
    { "@odata.type": kind, displayName: "Contoso" },
  ]);
});

test.each(["policySet", "appProtectionPolicy"])(
  "a %s for all devices is not sent: Graph refuses it",
  (key) => {
    const target = (kind: string) => ({
      target: { "@odata.type": `#microsoft.graph.${kind}`, groupId: "11111111-0000-4000-8000-000000000001" },
    });
    const kind = key === "policySet" ? "policySet" : "iosManagedAppProtection";
    const policy = { "@odata.type": `#microsoft.graph.${kind}`, id: "s", displayName: "S" };
    const to = (...kinds: string[]) => plan(key, { ...policy, assignments: kinds.map(target) });
    expect(to("groupAssignmentTarget", "allDevicesAssignmentTarget")).toMatchObject({
      outcome: "impossible",
      why: expect.stringContaining("not to all devices"),
    });
    expect(to("groupAssignmentTarget", "exclusionGroupAssignmentTarget").outcome).toBe("create");
  },
);
