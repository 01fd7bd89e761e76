import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

const GRAPH = "https://graph.microsoft.com/beta";
const CATALOG = "3f0c8b1e-6d55-4a57-9d0f-9f2a6b1f7c01";
const COMPLIANCE = "7d2b9f30-0c41-4a3e-8a1b-2f6f0a5c1d02";
const RING = "9a1e4c77-2b0d-4f6e-b6d8-51c0de3a9e03";
const IOS = "T_1c7f0f5a-9e0f-4a8e-8d63-0b7a52e1c404";
const ROLE = "5b7e9c10-3c1d-4f0a-9d55-1f6a0c3b7e05";
const ROLE_ASSIGNMENT = "5b7e9c10-3c1d-4f0a-9d55-1f6a0c3b7e06";

/** A settings catalog policy with full annotations, as exporters write it. */
const catalog = {
  "@odata.context": `${GRAPH}/$metadata#deviceManagement/configurationPolicies(assignments(),settings())/$entity`,
  "@odata.type": "#microsoft.graph.deviceManagementConfigurationPolicy",
  "@odata.id": `deviceManagement/configurationPolicies('${CATALOG}')`,
  "createdDateTime@odata.type": "#DateTimeOffset",
  createdDateTime: "2025-05-13T10:53:01.5525948Z",
  id: CATALOG,
  name: "Datenschutz – Büro",
  settingCount: 30,
  templateReference: {
    "@odata.type": "#microsoft.graph.deviceManagementConfigurationPolicyTemplateReference",
    "templateFamily@odata.type": "#microsoft.graph.deviceManagementConfigurationTemplateFamily",
    templateFamily: "none",
  },
  settings: Array.from({ length: 30 }, (_, n) => ({
    "@odata.type": "#microsoft.graph.deviceManagementConfigurationSetting",
    "@odata.editLink": `settings('${n}')`,
    id: String(n),
    settingInstance: {
      "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
      settingDefinitionId: `definition_${n}`,
    },
    "settingDefinitions@odata.navigationLink": `${GRAPH}/settings('${n}')`,
  })),
  "assignments@odata.navigationLink": `${GRAPH}/assignments`,
  "#microsoft.graph.assign": { title: "microsoft.graph.assign" },
};
const compliance = {
  "@odata.context": `${GRAPH}/$metadata#deviceManagement/deviceCompliancePolicies(assignments(),scheduledActionsForRule(scheduledActionConfigurations()))/$entity`,
  "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
  id: COMPLIANCE,
  displayName: "Compliance",
  scheduledActionsForRule: [
    { id: COMPLIANCE, ruleName: null, scheduledActionConfigurations: [{ id: "1", actionType: "block" }] },
  ],
  assignments: [{ id: "a", target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }],
};
const ring = {
  "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
  id: RING,
  displayName: "Ring 1",
};
const ios = {
  "@odata.context":
    "https://graph.microsoft.com/v1.0/$metadata#deviceAppManagement/iosManagedAppProtections(apps())/$entity",
  id: IOS,
  displayName: "iOS",
  apps: [{ id: "com.example.app" }],
};
const tags = {
  "@odata.context": `${GRAPH}/$metadata#deviceManagement/roleScopeTags`,
  value: [
    { id: "0", displayName: "Default" },
    { id: "4", displayName: "Site" },
  ],
};

const role = {
  "@odata.context": `${GRAPH}/$metadata#deviceManagement/roleDefinitions/$entity`,
  "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleDefinition",
  id: ROLE,
  displayName: "Helpdesk Berlin",
  roleAssignments: [{ id: ROLE_ASSIGNMENT, displayName: "Berlin", members: ["m"] }],
};

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
const FILES: Record<string, Buffer | string> = {
  "SettingsCatalog/Datenschutz.json": utf16(JSON.stringify(catalog)),
  "Compliance/no bom.json": Buffer.from(JSON.stringify(compliance), "utf16le"),
  "Rings/ring.JSON": `\uFEFF${JSON.stringify(ring)}`,
  "ios.json": JSON.stringify(ios),
  "tags.json": JSON.stringify(tags),
  "role.json": JSON.stringify(role),
  "again.json": JSON.stringify(ring),
  "broken.json": "{",
  "list.json": "[1]",
  "package.json": JSON.stringify({ name: "x" }),
  "unknown.json": JSON.stringify({ "@odata.type": "#microsoft.graph.message", id: "1" }),
  "noid.json": JSON.stringify({ ...ring, id: undefined }),
  "notes.txt": "no JSON",
};

let folder: string;
let sandbox: Sandbox;
let client: TestClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-load-"));
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  sandbox = await startSandbox({ tenants: [CONTOSO], dataDir: folder });
  client = await TestClient.connect(sandbox, CONTOSO);
});
afterAll(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

const DM = "/beta/deviceManagement";

describe("a folder of exports", () => {
  it("is read in every encoding, and says why a file was left out", () => {
    expect(sandbox.loaded?.files.map(({ file }) => file).sort()).toEqual(
      [
        "Compliance/no bom.json",
        "SettingsCatalog/Datenschutz.json",
        "Rings/ring.JSON",
        "ios.json",
        "role.json",
        "tags.json",
        "tags.json",
      ].sort(),
    );
    const reasons = Object.fromEntries(
      (sandbox.loaded?.skipped ?? []).map(({ file, reason }) => [file, reason]),
    );
    expect(reasons).toMatchObject({
      "again.json": `a second object with the id ${RING}`,
      "broken.json": expect.stringContaining("not readable as JSON"),
      "list.json": "not a JSON object",
      "package.json": "neither @odata.context nor @odata.type",
      "unknown.json": "no collection for @odata.type message",
      "noid.json": "no id",
    });
  });

  it("is all there is: nothing is generated beside it", () => {
    const objects = [...sandbox.tenant(CONTOSO.entraTenantId).objects()];
    expect(objects.map(({ object }) => object.id).sort()).toEqual(
      [CATALOG, COMPLIANCE, RING, IOS, ROLE, ROLE_ASSIGNMENT, "0", "4"].sort(),
    );
  });

  it("is served without annotations, children at their own endpoints, 25 settings a page", async () => {
    const [policy] = (await client.all(`${DM}/configurationPolicies`)).items;
    // With the types that the exporter kept, also where the metadata tells them.
    expect(policy).toEqual({
      "@odata.type": "#microsoft.graph.deviceManagementConfigurationPolicy",
      createdDateTime: "2025-05-13T10:53:01.5525948Z",
      id: CATALOG,
      name: "Datenschutz – Büro",
      settingCount: 30,
      templateReference: {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationPolicyTemplateReference",
        templateFamily: "none",
      },
    });
    const { items, pages } = await client.all(`${DM}/configurationPolicies/${CATALOG}/settings`);
    expect(pages).toBe(2);
    expect(items[29]).toEqual({
      "@odata.type": "#microsoft.graph.deviceManagementConfigurationSetting",
      id: "29",
      settingInstance: {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
        settingDefinitionId: "definition_29",
      },
    });
    expect((await client.all(`${DM}/configurationPolicies/${CATALOG}/assignments`)).items).toEqual([]);
  });

  it("serves inline actions and assignments when expanded, and not otherwise", async () => {
    const path = `/v1.0/deviceManagement/deviceCompliancePolicies`;
    const [plain] = (await client.all(path)).items;
    expect(Object.keys(plain ?? {})).toEqual(["@odata.type", "id", "displayName"]);
    const expand = "$expand=scheduledActionsForRule($expand=scheduledActionConfigurations),assignments";
    const { "@odata.context": _, ...expected } = compliance;
    const [expanded] = (await client.all(`${path}?${expand}`)).items;
    const { scheduledActionsForRule, ...rest } = expected;
    expect(expanded).toMatchObject(rest);
    expect(expanded?.scheduledActionsForRule).toMatchObject(scheduledActionsForRule);
  });

  it("finds the collection from the type alone, and the type from a typed collection", async () => {
    expect((await client.get(`/v1.0/deviceManagement/deviceConfigurations/${RING}`)).status).toBe(200);
    const [policy] = (await client.all("/v1.0/deviceAppManagement/managedAppPolicies")).items;
    expect(policy).toMatchObject({ "@odata.type": "#microsoft.graph.iosManagedAppProtection", id: IOS });
    const apps = await client.all(`/v1.0/deviceAppManagement/iosManagedAppProtections/${IOS}/apps`);
    expect(apps.items).toEqual([{ id: "com.example.app" }]);
  });

  it("serves a role's assignments from their own collection too", async () => {
    const roles = "/v1.0/deviceManagement/roleDefinitions";
    const { items } = await client.all(`${roles}/${ROLE}/roleAssignments`);
    expect(items).toEqual([{ id: ROLE_ASSIGNMENT, displayName: "Berlin" }]);
    const { body } = await client.get(`/v1.0/deviceManagement/roleAssignments/${ROLE_ASSIGNMENT}`);
    expect(body).toMatchObject({ id: ROLE_ASSIGNMENT, members: ["m"] });
  });

  it("drifts and grows like a generated tenant", async () => {
    const tenant = sandbox.tenant(CONTOSO.entraTenantId);
    const collection = "deviceManagement/configurationPolicies";
    const { changed, added } = tenant.drift({ change: 1, add: 2, collection });
    expect(changed).toEqual([{ collection, id: CATALOG }]);
    expect(added).toHaveLength(2);
    const { items } = await client.all(`${DM}/configurationPolicies`);
    expect(items).toHaveLength(3);
    expect(items[0]?.description).toContain("Changed");
    sandbox.reset();
    expect((await client.all(`${DM}/configurationPolicies`)).items).toHaveLength(1);
  });
});
