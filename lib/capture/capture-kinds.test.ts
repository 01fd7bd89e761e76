import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createGraphClient } from "#lib/graph/client";
import { catalog, findType } from "#lib/policies/catalog";
import {
  type GraphTestServer,
  type Reply,
  startGraphTestServer,
  testTuning,
} from "#lib/testing/graph-server";
import { type CapturedItem, capture } from "./capture.ts";
import { runOutcome } from "./outcome.ts";

/** What the catalog can say of a type, one kind of reading at a time, against answers as Graph gives them. */

let server: GraphTestServer;
beforeEach(async () => {
  server = await startGraphTestServer();
});
afterEach(() => server[Symbol.asyncDispose]());

/** Graph by address; without the query where the query does not matter. Everything else does not exist. */
function graph(answers: Record<string, unknown>): void {
  server.reply(({ path }): Reply => {
    const answer = answers[path] ?? answers[path.split("?")[0] ?? ""];
    if (answer === undefined) {
      return { status: 404, body: { error: { code: "ResourceNotFound", message: "No such resource." } } };
    }
    return isReply(answer) ? answer : { body: answer };
  });
}

const isReply = (answer: unknown): answer is Exclude<Reply, string> =>
  answer !== null &&
  typeof answer === "object" &&
  ("status" in answer || "text" in answer || "body" in answer);

const refused = (status: number, code = "Forbidden") => ({
  status,
  body: { error: { code, message: "Refused." } },
});

async function run(key: string, more: { permission?: boolean; maxBodyBytes?: number } = {}) {
  const type = findType(key);
  if (more.permission !== false) server.roles = [type?.permission ?? ""];
  const signal = new AbortController().signal;
  const tuning = testTuning({
    requestTimeoutMs: 30_000,
    ...(more.maxBodyBytes ? { maxBodyBytes: more.maxBodyBytes } : {}),
  });
  const client = createGraphClient(server.connection, { signal, tuning });
  const items: CapturedItem[] = [];
  const sink = { write: async (written: CapturedItem[]) => void items.push(...written), progress() {} };
  const isPolicy = type?.kind === "policy";
  const plan = { policyTypes: [isPolicy ? key : "securityDefaultsPolicy"], includeFoundations: !isPolicy };
  const outcomes = await capture(client, plan, sink, signal);
  const outcome = outcomes.find(({ policy_type }) => policy_type === key);
  const own = items.filter((item) => item.policyType === key);
  return {
    outcome,
    outcomes,
    items: own,
    documents: own.map(documentOf).map(withoutDeclared),
    paths: pathsAsked(),
  };
}

/** Without the type that Graph leaves unsaid: a test of its own is about that. */
function withoutDeclared(document: Record<string, unknown>) {
  const { "@odata.type": name, ...rest } = document;
  const declared = catalog.some((type) => name === `#microsoft.graph.${type.declares}`);
  return declared ? rest : document;
}

const documentOf = (item: CapturedItem) => JSON.parse(new TextDecoder().decode(item.document));
const pathsAsked = () => server.requests.map(({ path }) => path);
const list = (...value: unknown[]) => ({ value });

describe("what a profile refers to", () => {
  const DC = "deviceManagement/deviceConfigurations";
  const wifi = { "@odata.type": "#microsoft.graph.iosEnterpriseWiFiConfiguration", id: "w", assignments: [] };
  const cast = `${DC}/w/microsoft.graph.iosEnterpriseWiFiConfiguration`;

  test("is read through a cast and kept by id and name", async () => {
    graph({
      [DC]: list(wifi),
      [`${cast}/identityCertificateForClientAuthentication`]: {
        "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
        id: "scep",
        displayName: "Device certificate",
        version: 3,
      },
      [`${cast}/rootCertificatesForServerValidation`]: list({ id: "root", displayName: "Root", version: 1 }),
    });
    const { documents, outcome } = await run("deviceConfiguration");
    expect(documents[0]).toEqual({
      ...wifi,
      identityCertificateForClientAuthentication: {
        "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
        id: "scep",
        displayName: "Device certificate",
      },
      rootCertificatesForServerValidation: [{ id: "root", displayName: "Root" }],
    });
    expect(outcome).toMatchObject({ captured: 1, error_code: null });
  });

  test("is not asked of kinds that have none", async () => {
    graph({
      [DC]: list({ "@odata.type": "#microsoft.graph.iosUpdateConfiguration", id: "u", assignments: [] }),
    });
    const { paths } = await run("deviceConfiguration");
    expect(paths).toEqual([`${DC}?$expand=assignments`]);
  });

  test("is missing by name when Graph does not answer for it", async () => {
    graph({
      [DC]: list(wifi),
      [`${cast}/identityCertificateForClientAuthentication`]: refused(500, "InternalServerError"),
      [`${cast}/rootCertificatesForServerValidation`]: list(),
    });
    const { outcome, items } = await run("deviceConfiguration");
    expect(items).toEqual([]);
    expect(outcome).toMatchObject({ expected: 1, failed: 1, error_code: "GRAPH_UNAVAILABLE" });
  });
});

describe("apps", () => {
  const APPS = "deviceAppManagement/mobileApps";
  const app = { "@odata.type": "#microsoft.graph.win32LobApp", id: "a", assignments: [], categories: [] };

  test("have their icon, and their relationships where they have any: those to what they need", async () => {
    graph({
      [APPS]: list(
        { ...app, largeIcon: null, dependentAppCount: 1, supersedingAppCount: 0, supersededAppCount: 0 },
        {
          ...app,
          id: "b",
          largeIcon: { type: "image/png", value: "AA==" },
          dependentAppCount: 0,
          supersedingAppCount: 0,
          supersededAppCount: 0,
        },
      ),
      [`${APPS}/a`]: { id: "a", largeIcon: { type: "image/png", value: "iVBO" } },
      [`${APPS}/a/relationships`]: list(
        { id: "1", targetType: "child", targetId: "x" },
        { id: "2", targetType: "parent", targetId: "y" },
      ),
    });
    const { items, paths } = await run("mobileApp");
    items.sort((a, b) => (a.graphId < b.graphId ? -1 : 1));
    const documents = items.map(documentOf);
    expect(documents[0]).toEqual({
      ...app,
      largeIcon: { type: "image/png", value: "iVBO" },
      relationships: [{ id: "1", targetType: "child", targetId: "x" }],
    });
    expect(documents[1]).not.toHaveProperty("relationships");
    expect(items[0]?.volatile).toMatchObject({ dependentAppCount: 1 });
    expect(paths[0]).toContain("$filter=(microsoft.graph.managedApp/appAvailability eq null");
    expect(paths).toHaveLength(3);
  });

  test("a protection policy says what it is, although its typed collection does not", async () => {
    graph({
      "deviceAppManagement/managedAppPolicies": list({
        "@odata.type": "#microsoft.graph.iosManagedAppProtection",
        id: "p",
      }),
      "deviceAppManagement/iosManagedAppProtections/p": {
        id: "p",
        pinRequired: true,
        apps: [],
        assignments: [],
      },
    });
    const { documents } = await run("appProtectionPolicy");
    expect(documents).toEqual([
      {
        "@odata.type": "#microsoft.graph.iosManagedAppProtection",
        id: "p",
        pinRequired: true,
        apps: [],
        assignments: [],
      },
    ]);
  });
});

describe("objects of other shapes", () => {
  test("an item that another property identifies", async () => {
    const PARTNERS = "policies/crossTenantAccessPolicy/partners";
    graph({
      [PARTNERS]: list({ tenantId: "t1", inboundTrust: null }, { tenantId: "t2", inboundTrust: null }),
      [`${PARTNERS}/t1/identitySynchronization`]: {
        tenantId: "t1",
        userSyncInbound: { isSyncAllowed: true },
      },
    });
    const { items, documents } = await run("crossTenantAccessPartner");
    expect(items.map((item) => item.graphId)).toEqual(["t1", "t2"]);
    expect(documents[0]?.identitySynchronization).toEqual({
      tenantId: "t1",
      userSyncInbound: { isSyncAllowed: true },
    });
    expect(documents[1]).not.toHaveProperty("identitySynchronization");
  });

  test("a single object without an id", async () => {
    graph({ "deviceManagement/settings": { secureByDefault: true } });
    const { items, documents } = await run("intuneTenantSettings");
    expect(items[0]).toMatchObject({
      graphId: "intuneTenantSettings",
      displayName: "Intune tenant settings",
    });
    expect(documents).toEqual([{ secureByDefault: true }]);
  });

  test("a list that Graph gives only with a filter", async () => {
    graph({
      "policies/roleManagementPolicyAssignments": list({
        id: "r",
        policy: { id: "x", rules: [], lastModifiedBy: { displayName: "Somebody" } },
      }),
    });
    const { paths, items, documents } = await run("pimRoleSettings");
    expect(paths).toEqual([
      "policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'&$expand=policy($expand=rules)",
    ]);
    expect(documents).toEqual([{ id: "r", policy: { id: "x", rules: [] } }]);
    expect(items[0]?.volatile).toEqual({ "policy/lastModifiedBy": { displayName: "Somebody" } });
  });

  test("images, by the organization's own id; and none where there is no branding", async () => {
    const branding = "organization/tenant/branding";
    graph({
      [branding]: { id: "0", signInPageText: "Welcome" },
      [`${branding}/bannerLogo`]: { text: "iVBORw0KGgo=" },
      [`${branding}/squareLogo`]: { status: 204 },
      [`${branding}/localizations`]: list({ id: "de-DE", signInPageText: "Willkommen" }),
      [`${branding}/localizations/de-DE/favicon`]: { text: "AAAB" },
    });
    expect((await run("companyBranding")).documents).toEqual([
      {
        id: "0",
        signInPageText: "Welcome",
        bannerLogo: "iVBORw0KGgo=",
        localizations: [{ id: "de-DE", signInPageText: "Willkommen", favicon: "AAAB" }],
      },
    ]);
    graph({});
    const { outcome, outcomes } = await run("companyBranding");
    expect(outcome).toMatchObject({ expected: 0, listed: true, error_code: null, missing: [] });
    expect(runOutcome(outcomes).status).toBe("success");
  });

  test("a volatile property below a list", async () => {
    const path = "deviceManagement/androidManagedStoreAccountEnterpriseSettings";
    graph({ [path]: { id: "g", companyCodes: [{ enrollmentToken: "x", qrCodeImage: { value: "AA" } }] } });
    const { items, documents } = await run("managedGooglePlay");
    expect(documents).toEqual([{ id: "g", companyCodes: [{ enrollmentToken: "x" }] }]);
    expect(items[0]?.volatile).toEqual({ "companyCodes/0/qrCodeImage": { value: "AA" } });
  });

  test("says what it is, although Graph leaves that out where its metadata says it", async () => {
    graph({ "deviceManagement/managedDeviceCleanupRules": list({ id: "r" }) });
    const { items } = await run("deviceCleanupRule");
    expect(items.map(documentOf)).toEqual([
      { "@odata.type": "#microsoft.graph.managedDeviceCleanupRule", id: "r" },
    ]);
  });

  test("a collection that a tenant does not have", async () => {
    graph({ "deviceManagement/inventoryPolicies": refused(400, "BadRequest") });
    expect((await run("inventoryPolicy")).outcome).toMatchObject({
      expected: 0,
      listed: true,
      error_code: null,
    });
  });
});

describe("secrets", () => {
  test("are never stored, and what is set is said to be", async () => {
    const path = "deviceManagement/androidDeviceOwnerEnrollmentProfiles";
    graph({
      [path]: list({
        id: "e",
        displayName: "Kiosk",
        tokenValue: "JTHYRKLA",
        qrCodeContent: "{}",
        wifiPassword: null,
      }),
    });
    const { items, documents } = await run("androidEnrollmentProfile");
    expect(documents).toEqual([{ id: "e", displayName: "Kiosk" }]);
    expect(items[0]?.notes).toEqual(["secret not stored: tokenValue", "secret not stored: qrCodeContent"]);
  });

  test("that Graph withholds are named with their place", async () => {
    const DC = "deviceManagement/deviceConfigurations";
    const value = {
      "@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
      valueState: "encryptedValueToken",
      value: "token",
    };
    graph({
      [DC]: list({
        "@odata.type": "#microsoft.graph.windowsWifiConfiguration",
        id: "w",
        preSharedKey: null,
        preSharedKeyIsSet: true,
        other: { passwordIsSet: false, list: [value] },
        assignments: [],
      }),
    });
    expect((await run("deviceConfiguration")).items[0]?.notes).toEqual([
      "secret not captured: preSharedKey",
      "secret not captured: other.list[0].value",
    ]);
  });

  test("a file that Graph never returns is named", async () => {
    graph({
      "deviceManagement/groupPolicyUploadedDefinitionFiles": list({
        id: "f",
        fileName: "a.admx",
        content: null,
      }),
    });
    expect((await run("admxFile")).items[0]?.notes).toEqual(["not returned by Graph: content"]);
  });
});

describe("refusals", () => {
  test("403 with the permission in the token is something else: a license or an Intune role", async () => {
    graph({ "deviceManagement/depOnboardingSettings": refused(403) });
    const { outcome } = await run("enrollmentProgramToken");
    expect(outcome).toMatchObject({ error_code: "PERMISSION_MISSING", listed: false });
    expect(outcome?.error_message).toContain("has the permission DeviceManagementServiceConfig.Read.All");
    expect(outcome?.error_message).toContain("Intune role or scope tag");
  });

  test("403 without it is a permission to grant", async () => {
    graph({ "deviceManagement/depOnboardingSettings": refused(403) });
    const { outcome } = await run("enrollmentProgramToken", { permission: false });
    expect(outcome?.error_message).toContain(
      "lacks the application permission DeviceManagementServiceConfig.Read.All",
    );
  });

  test.each([
    [
      "conditionalAccessPolicy",
      "identity/conditionalAccess/policies",
      403,
      "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    ],
    ["pimRoleSettings", "policies/roleManagementPolicyAssignments", 400, "AadPremiumLicenseRequired"],
    ["cloudPcUserSetting", "deviceManagement/virtualEndpoint/userSettings", 403, "Forbidden"],
    ["cloudPcUserSetting", "deviceManagement/virtualEndpoint/userSettings", 404, "NotFound"],
  ])(
    "%s without its license is not licensed, and no reason for an incomplete backup",
    async (key, path, status, code) => {
      graph({
        [path]: refused(status, code),
        "policies/identitySecurityDefaultsEnforcementPolicy": { id: "s" },
      });
      const { outcome } = await run(key);
      expect(outcome).toMatchObject({ error_code: "LICENSE_MISSING", skipped: true, expected: 0 });
      expect(outcome?.error_message).toContain("The tenant has no license for");
      const other = { ...(await run("securityDefaultsPolicy")).outcome };
      expect(runOutcome([outcome, other] as Parameters<typeof runOutcome>[0])).toMatchObject({
        status: "success",
      });
      expect(runOutcome([outcome] as Parameters<typeof runOutcome>[0])).toMatchObject({
        status: "skipped",
        error_code: "LICENSE_MISSING",
      });
    },
  );

  test("403 of Windows 365 without the permission is the permission", async () => {
    graph({ "deviceManagement/virtualEndpoint/userSettings": refused(403) });
    const { outcome } = await run("cloudPcUserSetting", { permission: false });
    expect(outcome).toMatchObject({ error_code: "PERMISSION_MISSING", skipped: false });
  });

  test("a part that Graph may refuse leaves the item whole but for a note", async () => {
    const path = "deviceManagement/configurationPolicies";
    const policy = {
      id: "d",
      name: "Device preparation",
      settingCount: 0,
      assignments: [],
      templateReference: { templateFamily: "enrollmentConfiguration" },
    };
    graph({
      [path]: list(policy, { ...policy, id: "s", templateReference: { templateFamily: "none" } }),
      [`${path}/d/settings`]: list(),
      [`${path}/s/settings`]: list(),
      [`${path}/d/retrieveEnrollmentTimeDeviceMembershipTarget`]: refused(403),
    });
    const { items, paths } = await run("settingsCatalogPolicy");
    expect(items.map((item) => item.notes.length)).toEqual([1, 0]);
    expect(items[0]?.notes[0]).toContain("not captured: retrieveEnrollmentTimeDeviceMembershipTarget");
    expect(paths.filter((asked) => asked.includes("retrieve"))).toHaveLength(1);
  });

  test("what is noted of a part that was refused is the same every night, whatever ids and times Graph's refusal names", async () => {
    const path = "deviceManagement/configurationPolicies";
    const policy = {
      id: "d",
      name: "Device preparation",
      settingCount: 0,
      assignments: [],
      templateReference: { templateFamily: "enrollmentConfiguration" },
    };
    const night = async (date: string) => {
      const message = `An error has occurred - Activity ID: ${randomUUID()} - at ${date}`;
      const error = { code: "Forbidden", message, innerError: { date, "request-id": randomUUID() } };
      graph({
        [path]: list(policy),
        [`${path}/d/settings`]: list(),
        [`${path}/d/retrieveEnrollmentTimeDeviceMembershipTarget`]: { status: 403, body: { error } },
      });
      return (await run("settingsCatalogPolicy")).items[0]?.notes;
    };
    const first = await night("2026-11-29T02:00:00");
    expect(first).toEqual([
      "not captured: retrieveEnrollmentTimeDeviceMembershipTarget (permission missing, Graph answered 403)",
    ]);
    expect(await night("2026-11-30T02:00:07")).toEqual(first);
  });

  test("what is noted stands in the same order, whichever was refused first", async () => {
    const path = "deviceManagement/roleDefinitions";
    const night = async (late: string) => {
      let isLate = true;
      server.reply(({ path: asked }): Reply => {
        if (asked.split("?")[0] === path) return { body: list({ id: "d", displayName: "Help desk" }) };
        if (asked.startsWith(`${path}/d/roleAssignments`)) return { body: list({ id: "a" }, { id: "b" }) };
        if (asked.includes(`/${late}`) && isLate) {
          isLate = false;
          return { status: 503, body: {} };
        }
        return refused(asked.includes("$expand") ? 400 : 404);
      });
      return (await run("roleDefinition")).items[0]?.notes;
    };
    const first = await night("a");
    expect(first).toHaveLength(4);
    expect(await night("b")).toEqual(first);
  });

  test.each([400, 500, 501])("an expansion that is refused with %i is read in parts", async (status) => {
    const path = "deviceManagement/deviceCompliancePolicies";
    const actions = "scheduledActionsForRule";
    graph({
      [`${path}?$expand=${actions}($expand=scheduledActionConfigurations),assignments`]: refused(status),
      [path]: list({ id: "c" }),
      [`${path}/c/${actions}`]: list({ id: "r" }),
      [`${path}/c/assignments`]: list({ id: "x" }),
    });
    const { documents, outcome } = await run("deviceCompliancePolicy");
    expect(documents).toEqual([{ id: "c", [actions]: [{ id: "r" }], assignments: [{ id: "x" }] }]);
    expect(outcome).toMatchObject({ error_code: null, listed: true });
  });

  test("an assignment of a role whose scope tags Graph does not expand is whole but for a note", async () => {
    const whole = { id: "x", members: ["g"], scopeMembers: ["h"] };
    graph({
      "deviceManagement/roleDefinitions": list({ id: "d" }),
      "deviceManagement/roleDefinitions/d/roleAssignments": list({ id: "x" }),
      "deviceManagement/roleAssignments/x?$expand=microsoft.graph.deviceAndAppManagementRoleAssignment/roleScopeTags":
        refused(400),
      "deviceManagement/roleAssignments/x": whole,
    });
    const { documents, items } = await run("roleDefinition");
    expect(documents).toEqual([{ id: "d", roleAssignments: [whole] }]);
    expect(items[0]?.notes).toHaveLength(1);
  });
});

describe("odd data", () => {
  const FILTERS = "deviceManagement/assignmentFilters";
  const filter = (more: Record<string, unknown>) => ({ id: "f", displayName: "Filter", ...more });

  test("a name with U+0000 is stored as it is, and shown without", async () => {
    graph({ [FILTERS]: list(filter({ displayName: "a\u0000b" })) });
    const { items, documents } = await run("assignmentFilter");
    expect(documents[0]?.displayName).toBe("a\u0000b");
    expect(items[0]?.displayName).toBe("a\ufffdb");
  });

  test("half a surrogate pair is one named missing item", async () => {
    graph({
      [FILTERS]: { text: '{"value":[{"id":"f","displayName":"a\\ud800"},{"id":"g","displayName":"whole"}]}' },
    });
    const { items, outcome } = await run("assignmentFilter");
    expect(items.map((item) => item.graphId)).toEqual(["g"]);
    expect(outcome).toMatchObject({ captured: 1, failed: 1, error_code: "INCOMPLETE_CAPTURE" });
    expect(outcome?.missing[0]).toMatchObject({ graph_id: "f", display_name: "a\ufffd" });
    expect(JSON.stringify(outcome)).not.toMatch(/\\u0000|\\ud[89ab]/i);
  });

  test("numbers that no double holds stay as Graph wrote them", async () => {
    const text =
      '{"value":[{"id":"f","a":9007199254740993,"b":-9223372036854775808,"c":1.5,"d":12345678901234567890,"e":100}]}';
    graph({ [FILTERS]: { text } });
    const { items } = await run("assignmentFilter");
    expect(new TextDecoder().decode(items[0]?.document)).toBe(
      '{"@odata.type":"#microsoft.graph.deviceAndAppManagementAssignmentFilter","a":9007199254740993,"b":-9223372036854775808,"c":1.5,"d":12345678901234567890,"e":100,"id":"f"}',
    );
  });

  test("dates keep their seven digits", async () => {
    graph({ [FILTERS]: list(filter({ createdDateTime: "2026-01-02T03:04:05.1234567Z" })) });
    expect((await run("assignmentFilter")).documents[0]?.createdDateTime).toBe(
      "2026-01-02T03:04:05.1234567Z",
    );
  });

  test("two different objects of one id are one missing item, two equal ones are one", async () => {
    graph({
      [FILTERS]: list(filter({ rule: "1" }), filter({ rule: "2" }), filter({ id: "g" }), filter({ id: "g" })),
    });
    const { items, outcome } = await run("assignmentFilter");
    expect(items.map((item) => item.graphId)).toEqual(["g"]);
    expect(outcome).toMatchObject({ expected: 2, captured: 1, failed: 1, error_code: "INCOMPLETE_CAPTURE" });
    expect(outcome?.missing[0]?.reason).toContain("two different objects");
  });

  test("an id that cannot be stored is one missing item", async () => {
    graph({ [FILTERS]: list(filter({ id: "a\u0000" }), filter({ id: 7 }), filter({ id: "g" })) });
    expect((await run("assignmentFilter")).outcome).toMatchObject({ expected: 3, captured: 1, failed: 2 });
  });

  test("scripts that are too large for one batch are read one by one", async () => {
    const path = "deviceManagement/deviceManagementScripts";
    const content = "A".repeat(40_000);
    const scripts = ["a", "b", "c", "d"];
    graph({
      [path]: list(...scripts.map((id) => ({ id, displayName: id }))),
      ...Object.fromEntries(
        scripts.map((id) => [`${path}/${id}`, { id, scriptContent: content, assignments: [] }]),
      ),
    });
    const { documents, outcome } = await run("deviceManagementScript", { maxBodyBytes: 100_000 });
    expect(documents.map((document) => String(document.scriptContent).length)).toEqual(
      scripts.map(() => 40_000),
    );
    expect(outcome).toMatchObject({ captured: 4, error_code: null });
  });

  test("a script of 20 MB and 3,000 assignments are captured whole", async () => {
    const path = "deviceManagement/deviceManagementScripts";
    const assignments = Array.from({ length: 3_000 }, (_, index) => ({
      id: `a${index}`,
      target: { groupId: `g${index}` },
    }));
    graph({
      [path]: list({ id: "big", displayName: "big" }),
      [`${path}/big`]: { id: "big", scriptContent: "B".repeat(20 * 2 ** 20), assignments },
    });
    const { items, documents } = await run("deviceManagementScript");
    expect(documents[0]?.scriptContent).toHaveLength(20 * 2 ** 20);
    expect(items[0]?.children).toEqual({ assignments: { announced: null, captured: 3_000 } });
  });
});
