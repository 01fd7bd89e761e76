import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSandboxCertificate, type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";
import { WRITE_PERMISSIONS } from "./write/write-spec.ts";

const WRITER = { clientId: "0d1f2a3b-0000-4000-8000-000000000001", clientSecret: "writer-secret" };
const DM = "/beta/deviceManagement";
const AM = "/beta/deviceAppManagement";
const GROUP = "0d1f2a3b-0000-4000-8000-00000000000a";
const FILTER = `${DM}/assignmentFilters`;
const newFilter = {
  displayName: "New",
  platform: "iOS",
  rule: '(device.model -eq "x")',
  roleScopeTags: ["0"],
};

let sandbox: Sandbox;
let writer: TestClient;
let reader: TestClient;
beforeAll(async () => {
  const tls = await createSandboxCertificate();
  sandbox = await startSandbox({ tls, tenants: [{ ...CONTOSO, policies: 150, writer: WRITER }] });
});
beforeEach(async () => {
  sandbox.reset();
  tenant().put("groups", { "@odata.type": "#microsoft.graph.group", id: GROUP, displayName: "Pilot" });
  writer = await TestClient.connect(sandbox, { ...CONTOSO, ...WRITER });
  reader = await TestClient.connect(sandbox, CONTOSO);
});
afterAll(() => sandbox.stop());

const tenant = () => sandbox.tenant(CONTOSO.entraTenantId);

async function send(
  method: string,
  path: string,
  body: unknown,
  options: { client?: TestClient; headers?: Record<string, string> } = {},
) {
  const headers = { "content-type": "application/json", ...options.headers };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await (options.client ?? writer).fetch(path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : null };
}

/** The first object of a collection that passes. */
function first(collection: string, passes: (object: Record<string, unknown>) => boolean = () => true) {
  for (const { id, object } of tenant().objects(collection.replace(/^\/beta\//, "")))
    if (passes(object)) return { id, path: `${collection}/${id}`, object };
  throw new Error(`${collection} has none.`);
}

/** A policy of a template of the settings catalog. */
const templated = () =>
  first(`${DM}/configurationPolicies`, ({ templateReference }) => {
    const { templateId } = templateReference as { templateId: string };
    return templateId !== "";
  });

/** Imports a file with one setting, which asks for an address. */
function importHomePage(): [definition: string, presentation: string] {
  const [id, presentation] = ["0d1f2a3b-0000-4000-8000-0000000000d1", "0d1f2a3b-0000-4000-8000-0000000000d2"];
  tenant().importAdmx([
    {
      id,
      classType: "machine",
      displayName: "Home page",
      categoryPath: "\\Vendor\\Browser",
      presentations: [
        {
          "@odata.type": "#microsoft.graph.groupPolicyPresentationTextBox",
          id: presentation,
          label: "Address",
        },
      ],
    },
  ]);
  return [id, presentation];
}

const homePage = (definition: string, presentationValues: unknown[] = []) => ({
  enabled: true,
  configurationType: "policy",
  "definition@odata.bind": `https://graph.microsoft.com/beta/deviceManagement/groupPolicyDefinitions('${definition}')`,
  presentationValues,
});

describe("what is taken", () => {
  test("a new object gets an id and dates, and is there", async () => {
    const made = await send("POST", FILTER, newFilter);
    expect(made.status).toBe(201);
    const { body } = await writer.get(`${FILTER}/${made.body.id}`);
    expect(body).toMatchObject({ ...newFilter, payloads: [] });
    expect(body.createdDateTime).toMatch(/^2/);
    expect(tenant().auditTrail().at(-1)).toMatchObject({ operation: "create" });
  });

  test("PATCH merges at every depth, PUT replaces, assign replaces the list", async () => {
    const policy = first("/beta/identity/conditionalAccess/policies");
    tenant().put("identity/conditionalAccess/policies", {
      ...policy.object,
      id: policy.id,
      conditions: { applications: { includeApplications: ["All"] }, users: { includeUsers: ["All"] } },
    });
    const patched = await send("PATCH", policy.path, { conditions: { users: { includeGroups: [GROUP] } } });
    expect([patched.status, patched.text]).toEqual([204, ""]);
    expect(tenant().get("identity/conditionalAccess/policies", policy.id)?.conditions).toEqual({
      applications: { includeApplications: ["All"] },
      users: { includeUsers: ["All"], includeGroups: [GROUP] },
    });
    const settings = first(`${DM}/configurationPolicies`);
    const { name, platforms, technologies, templateReference } = settings.object;
    const whole = { name, platforms, technologies, templateReference: templateReference as object };
    const { templateId } = whole.templateReference as { templateId: string };
    const put = await send("PUT", settings.path, {
      ...whole,
      templateReference: { templateId },
      settings: [],
    });
    expect(put.status).toBe(200);
    const now = tenant().get("deviceManagement/configurationPolicies", settings.id);
    expect(now).toMatchObject({ settings: [], settingCount: 0, templateReference });
    expect(now).not.toHaveProperty("description");
    const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: GROUP };
    for (const list of [[{ target }], []]) {
      expect((await send("POST", `${settings.path}/assign`, { assignments: list })).status).toBe(200);
      expect(tenant().get("deviceManagement/configurationPolicies", settings.id)?.assignments).toHaveLength(
        list.length,
      );
    }
  });

  test("what was just made is hidden as long as a tenant is told to, and nothing may refer to it", async () => {
    tenant().hideNewObjects(600_000);
    const { status, body } = await send("POST", FILTER, newFilter);
    expect(status).toBe(201);
    const filter = `${FILTER}/${body.id}`;
    const assign = () =>
      send("POST", `${first(`${DM}/deviceManagementScripts`).path}/assign`, {
        deviceManagementScriptAssignments: [
          {
            target: {
              "@odata.type": "#microsoft.graph.groupAssignmentTarget",
              groupId: GROUP,
              deviceAndAppManagementAssignmentFilterId: body.id,
              deviceAndAppManagementAssignmentFilterType: "include",
            },
          },
        ],
      });
    const seen = async () => [
      (await writer.get(filter)).status,
      JSON.stringify((await writer.get(FILTER)).body).includes(body.id),
      (await send("PATCH", filter, { description: "x" })).status,
      (await assign()).status,
    ];
    expect(await seen()).toEqual([404, false, 404, 400]);
    tenant().hideNewObjects(0);
    expect(await seen()).toEqual([200, true, 200, 200]);
  });

  test("a new app is being published as long as a tenant is told to, and is assigned to nobody till then", async () => {
    tenant().publishAppsAfter(600_000);
    const app = {
      "@odata.type": "#microsoft.graph.webApp",
      displayName: "New",
      publisher: "Contoso IT",
      appUrl: "https://new.example/",
    };
    const { status, body } = await send("POST", `${AM}/mobileApps`, app);
    expect([status, body.publishingState]).toEqual([201, "processing"]);
    const path = `${AM}/mobileApps/${body.id}`;
    const assign = () => send("POST", `${path}/assign`, { mobileAppAssignments: [] });
    const seen = async () => (await reader.get(`${path}?$select=id,publishingState`)).body.publishingState;
    const early = await assign();
    expect([early.status, early.text]).toEqual([
      400,
      expect.stringContaining("app's PublishingState is not 'Published'"),
    ]);
    expect(await seen()).toBe("processing");
    tenant().publishAppsAfter(0);
    expect([await seen(), (await assign()).status]).toEqual(["published", 200]);
    // What takes its time comes by itself.
    tenant().publishAppsAfter(1);
    const next = await send("POST", `${AM}/mobileApps`, app);
    await expect
      .poll(async () => (await reader.get(`${AM}/mobileApps/${next.body.id}`)).body.publishingState)
      .toBe("published");
  });

  test("templates say whether Microsoft offers them still, and the settings that the tenant is offered", async () => {
    const { templateReference, settings } = templated().object as {
      templateReference: { templateId: string };
      settings: { settingInstance: { settingDefinitionId: string } }[];
    };
    const template = `${DM}/configurationPolicyTemplates/${templateReference.templateId}`;
    const legacy = `${DM}/templates/${String(first(`${DM}/intents`).object.templateId)}`;
    const lifecycle = async () => (await reader.get(template)).body.lifecycleState;
    const isDeprecated = async () => (await reader.get(legacy)).body.isDeprecated;
    const offered = async () => {
      const { body } = await reader.get(`${template}/settingTemplates`);
      return JSON.stringify(body.value);
    };
    const id = settings[0]?.settingInstance.settingDefinitionId ?? "";
    expect([await lifecycle(), await isDeprecated()]).toEqual(["active", false]);
    expect(await offered()).toContain(`"${id}"`);
    // Also where no policy of it is left.
    tenant().remove("deviceManagement/configurationPolicies", templated().id);
    expect(await offered()).toContain(`"${id}"`);
    tenant().withholdSetting(id);
    expect(await offered()).not.toContain(`"${id}"`);
    tenant().retireTemplate(templateReference.templateId);
    tenant().retireTemplate(legacy.split("/").at(-1) ?? "");
    expect([await lifecycle(), await isDeprecated()]).toEqual(["deprecated", true]);
    expect((await reader.get(`${DM}/configurationPolicyTemplates/gone_1`)).status).toBe(404);
  });

  test("settings of an imported ADMX file are listed by category, and taken with what they ask for", async () => {
    const [definition, presentation] = importHomePage();
    const categories =
      `${DM}/groupPolicyCategories?$select=id,displayName&$filter=ingestionSource eq 'custom'` +
      "&$expand=definitions($select=id,displayName,categoryPath,classType)";
    expect((await reader.get(categories)).body.value).toMatchObject([
      { displayName: "Browser", definitions: [{ id: definition, classType: "machine" }] },
    ]);
    const presentations = `${DM}/groupPolicyDefinitions/${definition}/presentations`;
    expect((await reader.get(presentations)).body.value).toMatchObject([{ id: presentation }]);
    const policy = first(`${DM}/groupPolicyConfigurations`);
    const value = {
      "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
      value: "https://contoso.example",
      "presentation@odata.bind": `https://graph.microsoft.com/beta/deviceManagement/groupPolicyDefinitions('${definition}')/presentations('${presentation}')`,
    };
    const added = [homePage(definition, [value])];
    expect(
      (await send("POST", `${policy.path}/updateDefinitionValues`, { added, deletedIds: [] })).status,
    ).toBe(200);
    const values = tenant().get("deviceManagement/groupPolicyConfigurations", policy.id)?.definitionValues;
    expect((values as unknown[]).at(-1)).toMatchObject({
      definition: { id: definition, policyType: "admxIngested" },
      presentationValues: [{ presentation: { id: presentation } }],
    });
  });

  test("what was deleted of conditional access is listed, and comes back as it was, to who may write", async () => {
    const collection = "identity/conditionalAccess/policies";
    const policy = first(`/beta/${collection}`);
    const deleted = "/beta/identity/conditionalAccess/deletedItems/policies";
    tenant().removeSoftly(collection, policy.id);
    expect((await reader.get(`/beta/${collection}/${policy.id}`)).status).toBe(404);
    expect((await reader.get(deleted)).body.value).toMatchObject([
      { id: policy.id, state: policy.object.state, deletedDateTime: expect.any(String) },
    ]);
    expect((await reader.get(deleted.replace("beta", "v1.0"))).status).toBe(400);
    const restore = `${deleted}/${policy.id}/restore`;
    expect((await send("POST", restore, {}, { client: reader })).status).toBe(403);
    const back = await send("POST", restore, {});
    expect([back.status, back.body.id]).toEqual([200, policy.id]);
    expect(tenant().get(collection, policy.id)).toEqual(policy.object);
    expect((await reader.get(deleted)).body.value).toEqual([]);
    expect((await send("POST", restore, {})).status).toBe(404);
  });

  test("ids of scope tags are counted, a lost one is not given again by a reset", async () => {
    const before = tenant().count("deviceManagement/roleScopeTags");
    const { body } = await send("POST", `${DM}/roleScopeTags`, { displayName: "Site X", description: "" });
    expect(body.id).toBe(String(before));
    sandbox.reset();
    expect(tenant().count("deviceManagement/roleScopeTags")).toBe(before);
  });
});

describe("settings of a template", () => {
  interface Setting {
    settingInstance: { settingDefinitionId: string; choiceSettingValue?: { value: string } };
  }
  /** A new policy like one that is there; and its first setting that is chosen. */
  function copy() {
    const { object } = first(
      `${DM}/configurationPolicies`,
      ({ templateReference, settings }) =>
        (templateReference as { templateId: string }).templateId !== "" &&
        // What enrolls devices is held to what its template requires.
        !(templateReference as { templateFamily: string }).templateFamily.startsWith("enrollment") &&
        !JSON.stringify(settings).includes("SecretSettingValue") &&
        (settings as Setting[]).some(({ settingInstance }) => settingInstance.choiceSettingValue),
    );
    const { templateId } = object.templateReference as { templateId: string };
    const settings = (object.settings as unknown as (Setting & { id: string })[]).map(
      ({ id: _, ...setting }) => setting,
    );
    const chosen = settings.find(({ settingInstance }) => settingInstance.choiceSettingValue);
    const { settingDefinitionId = "", choiceSettingValue } = chosen?.settingInstance ?? {};
    const { platforms, technologies } = object;
    const body = { name: "Copy", platforms, technologies, templateReference: { templateId }, settings };
    return { templateId, body, setting: settingDefinitionId, option: choiceSettingValue?.value ?? "" };
  }
  const collection = `${DM}/configurationPolicies`;
  const spelled = (body: unknown, id: string, as: string) =>
    JSON.parse(JSON.stringify(body).replaceAll(JSON.stringify(id), JSON.stringify(as)));

  test("are taken under ids in Microsoft's own letters alone, by POST and by PUT", async () => {
    const { templateId, body, setting, option } = copy();
    for (const id of [setting, option]) {
      const refused = await send("POST", collection, spelled(body, id, id.toUpperCase()));
      expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("Invalid Reference id")]);
    }
    const made = await send("POST", collection, body);
    expect(made.status).toBe(201);
    const path = `${collection}/${made.body.id}`;
    const put = (sent: unknown) => send("PUT", path, sent);
    expect((await put(spelled(body, setting, setting.toUpperCase()))).status).toBe(400);
    tenant().spellSetting(setting.toUpperCase());
    expect((await put(body)).status).toBe(400);
    expect((await put(spelled(body, setting, setting.toUpperCase()))).status).toBe(200);
    // It comes back in small letters.
    expect(JSON.stringify(tenant().get("deviceManagement/configurationPolicies", made.body.id))).toContain(
      JSON.stringify(setting),
    );
    const templates = `${DM}/configurationPolicyTemplates/${templateId}/settingTemplates`;
    const { body: shown } = await reader.get(`${templates}?$expand=settingDefinitions`);
    const definitions = (shown.value as { settingDefinitions: { id: string; options?: unknown[] }[] }[])
      .flatMap(({ settingDefinitions }) => settingDefinitions)
      .filter(({ id }) => id.toLowerCase() === setting);
    expect(definitions.map(({ id }) => id)).toEqual(expect.arrayContaining([setting.toUpperCase()]));
    expect(JSON.stringify(definitions)).toContain(JSON.stringify(option));
  });

  test("that every policy must have are told, and none is made without them", async () => {
    const { templateId, body: copied } = copy();
    const body = { ...copied, technologies: "mdm" };
    tenant().requireSetting(templateId, "device_vendor_msft_later_required");
    // Templates of endpoint security are not held to it; what enrolls devices is, also one that never had it.
    const made = await send("POST", collection, body);
    expect(made.status).toBe(201);
    expect((await send("PUT", `${collection}/${made.body.id}`, body)).status).toBe(200);
    const enrolling = { ...body, technologies: "enrollment" };
    const policies = "deviceManagement/configurationPolicies";
    tenant().put(policies, {
      ...tenant().get(policies, made.body.id),
      id: "5a5a5a5a-0000-4000-8000-0000000000f1",
      technologies: "enrollment",
    });
    for (const refused of [
      await send("POST", collection, enrolling),
      await send("PUT", `${collection}/5a5a5a5a-0000-4000-8000-0000000000f1`, enrolling),
    ])
      expect([refused.status, refused.text]).toEqual([
        400,
        expect.stringContaining("device_vendor_msft_later_required"),
      ]);
    const { body: shown } = await reader.get(
      `${DM}/configurationPolicyTemplates/${templateId}/settingTemplates`,
    );
    const places = (shown.value as { settingInstanceTemplate: Record<string, unknown> }[]).map(
      ({ settingInstanceTemplate }) => settingInstanceTemplate,
    );
    expect(places.filter(({ isRequired }) => isRequired === true)).toMatchObject([
      { settingDefinitionId: "device_vendor_msft_later_required" },
    ]);
  });
});

test("the file of Defender for Endpoint is taken for a legacy policy, and shown to nobody", async () => {
  const about =
    "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtection";
  const template = "0d1f2a3b-0000-4000-8000-0000000000e1";
  const setting = (name: string, value: unknown) => ({
    "@odata.type": `#microsoft.graph.deviceManagement${typeof value === "boolean" ? "Boolean" : "String"}SettingInstance`,
    definitionId: `${about}${name}`,
    valueJson: JSON.stringify(value),
  });
  const names = ["AutoPopulateOnboardingBlob", "OnboardingBlob", "OnboardingFilename"];
  tenant().put("deviceManagement/intents", {
    "@odata.type": "#microsoft.graph.deviceManagementIntent",
    id: "0d1f2a3b-0000-4000-8000-0000000000e2",
    displayName: "EDR",
    templateId: template,
    categories: [],
    assignments: [],
    settings: names.map((name, at) => ({
      ...setting(name, null),
      id: `0d1f2a3b-0000-4000-8000-0000000000f${at}`,
      value: null,
    })),
  });
  const create = (isFetched: boolean, file: string | null, name: string | null) =>
    send("POST", `${DM}/templates/${template}/createInstance`, {
      displayName: "New",
      settingsDelta: [
        setting("AutoPopulateOnboardingBlob", isFetched),
        setting("OnboardingBlob", file),
        setting("OnboardingFilename", name),
      ],
    });
  const answers = [
    await create(false, null, "a.onboarding"),
    await create(false, "****", "a.onboarding"),
    await create(true, "x", "a.onboarding"),
    await create(false, "x", "a.onboarding"),
    await create(true, null, null),
    await create(false, null, null),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 201, 201, 201]);
  const id = answers[3]?.body.id;
  expect(tenant().onboardingFile(id)).toBe("x");
  const { body } = await reader.get(`${DM}/intents/${id}/settings`);
  expect(body.value).toMatchObject([
    { valueJson: "false" },
    { valueJson: "null" },
    { id: expect.any(String), valueJson: '"a.onboarding"' },
  ]);
  // What it holds it keeps.
  const flag = (body.value as Record<string, unknown>[])[0];
  const update = `${DM}/intents/${id}/updateSettings`;
  expect((await send("POST", update, { settings: [{ ...flag, value: undefined }] })).status).toBe(200);
});

describe("what is refused", () => {
  test("the app registration that reads writes nothing, in a batch neither", async () => {
    for (const path of [FILTER, `${AM}/mobileApps`, "/beta/identity/conditionalAccess/policies"])
      expect((await send("POST", path, newFilter, { client: reader })).status).toBe(403);
    const { body } = await reader.batch([
      { id: "1", method: "POST", url: "/deviceManagement/assignmentFilters" },
    ]);
    expect((body.responses as { status: number }[])[0]?.status).toBe(403);
    expect(
      WRITE_PERMISSIONS.filter(
        (one) =>
          reader.claims.roles && (reader.claims.roles as string[]).includes(one) && one.includes("ReadWrite"),
      ),
    ).toEqual([]);
  });

  test("each type by its own permission", async () => {
    tenant().setPermissions(["DeviceManagementConfiguration.ReadWrite.All"]);
    const narrow = await TestClient.connect(sandbox, CONTOSO);
    expect((await send("POST", FILTER, newFilter, { client: narrow })).status).toBe(201);
    const answer = await send("POST", `${DM}/deviceManagementScripts`, {}, { client: narrow });
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringContaining("DeviceManagementScripts.ReadWrite.All"),
    ]);
  });

  const refusals: [string, string, () => string, () => unknown, number, RegExp][] = [
    ["nothing is deleted", "DELETE", () => first(FILTER).path, () => undefined, 405, /not allowed/],
    [
      "a read-only property",
      "PATCH",
      () => first(`${DM}/deviceConfigurations`).path,
      () => ({ supportsScopeTags: true }),
      400,
      /supportsScopeTags is read-only/,
    ],
    [
      "a nested one",
      "POST",
      () => `${DM}/deviceConfigurations`,
      () => ({
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        displayName: "x",
        omaSettings: [
          {
            "@odata.type": "#microsoft.graph.omaSettingString",
            omaUri: "./a",
            value: "v",
            isEncrypted: false,
          },
        ],
      }),
      400,
      /isEncrypted is read-only/,
    ],
    ["an id", "POST", () => FILTER, () => ({ ...newFilter, id: "1" }), 400, /id is read-only/],
    ["an unknown property", "POST", () => FILTER, () => ({ ...newFilter, colour: 1 }), 400, /'colour'/],
    ["an annotation", "POST", () => FILTER, () => ({ ...newFilter, "@odata.etag": "x" }), 400, /@odata.etag/],
    [
      "an abstract class",
      "POST",
      () => `${DM}/deviceConfigurations`,
      () => ({ displayName: "x" }),
      400,
      /abstract class/,
    ],
    [
      "the untyped collection of app policies",
      "POST",
      () => `${AM}/managedAppPolicies`,
      () => ({ "@odata.type": "#microsoft.graph.iosManagedAppProtection", displayName: "x" }),
      400,
      /cannot be created here/,
    ],
    [
      "another type",
      "PATCH",
      () =>
        first(
          `${DM}/deviceConfigurations`,
          (one) => one["@odata.type"] !== "#microsoft.graph.iosCustomConfiguration",
        ).path,
      () => ({ "@odata.type": "#microsoft.graph.iosCustomConfiguration", displayName: "x" }),
      400,
      /cannot become/,
    ],
    [
      "settings by PATCH",
      "PATCH",
      () => first(`${DM}/configurationPolicies`).path,
      () => ({ settings: [] }),
      400,
      /settings cannot be updated by PATCH/,
    ],
    [
      "another platform",
      "PUT",
      () => first(`${DM}/configurationPolicies`).path,
      () => ({ name: "x", platforms: "tvOS", technologies: "mdm", settings: [] }),
      400,
      /platforms cannot be changed/,
    ],
    [
      "children that are null",
      "POST",
      () => `${DM}/configurationPolicies`,
      () => ({
        name: "x",
        platforms: "windows10",
        technologies: "mdm",
        settings: [
          {
            settingInstance: {
              "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
              settingDefinitionId: "d",
              choiceSettingValue: { value: "d_1", children: null },
            },
          },
        ],
      }),
      400,
      /children must be a list/,
    ],
    [
      "a token of another policy's secret",
      "POST",
      () => `${DM}/configurationPolicies`,
      () => ({
        name: "x",
        platforms: "windows10",
        technologies: "mdm",
        settings: [
          {
            settingInstance: {
              "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
              settingDefinitionId: "d",
              simpleSettingValue: {
                "@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
                value: "token",
                valueState: "encryptedValueToken",
              },
            },
          },
        ],
      }),
      400,
      /encrypted value is not known/,
    ],
    [
      "a retired template",
      "POST",
      () => `${DM}/configurationPolicies`,
      () => ({
        name: "x",
        platforms: "windows10",
        technologies: "mdm",
        templateReference: { templateId: "gone_1" },
        settings: [],
      }),
      400,
      /gone_1 is not offered/,
    ],
    [
      "a template that Microsoft offers no more",
      "POST",
      () => `${DM}/configurationPolicies`,
      () => {
        const { object } = templated();
        const { templateId } = object.templateReference as { templateId: string };
        tenant().retireTemplate(templateId);
        const { name, platforms, technologies } = object;
        return { name, platforms, technologies, templateReference: { templateId }, settings: [] };
      },
      400,
      /is not offered/,
    ],
    [
      "a setting that the tenant is not offered",
      "POST",
      () => `${DM}/configurationPolicies`,
      () => {
        tenant().withholdSetting("d");
        return {
          name: "x",
          platforms: "windows10",
          technologies: "mdm",
          settings: [
            {
              settingInstance: {
                "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
                settingDefinitionId: "d",
                simpleSettingValue: {
                  "@odata.type": "#microsoft.graph.deviceManagementConfigurationStringSettingValue",
                  value: "x",
                },
              },
            },
          ],
        };
      },
      400,
      /The setting d is not offered/,
    ],
    [
      "an instance of a template that is deprecated",
      "POST",
      () => {
        const { templateId } = first(`${DM}/intents`).object;
        tenant().retireTemplate(String(templateId));
        return `${DM}/templates/${String(templateId)}/createInstance`;
      },
      () => ({ displayName: "x" }),
      400,
      /is not offered/,
    ],
    [
      "a setting of an ADMX file that the tenant has not imported",
      "POST",
      () => `${first(`${DM}/groupPolicyConfigurations`).path}/updateDefinitionValues`,
      () => {
        const [definition] = importHomePage();
        // Another import: the ids of this one are gone.
        tenant().importAdmx([]);
        return { added: [homePage(definition)], deletedIds: [] };
      },
      400,
      /no such definition/,
    ],
    [
      "compliance without block",
      "POST",
      () => `${DM}/deviceCompliancePolicies`,
      () => ({
        "@odata.type": "#microsoft.graph.iosCompliancePolicy",
        displayName: "x",
        scheduledActionsForRule: [],
      }),
      400,
      /exactly one action of type block/,
    ],
    [
      "scheduled actions by PATCH",
      "PATCH",
      () => first(`${DM}/deviceCompliancePolicies`).path,
      () => ({ scheduledActionsForRule: [] }),
      400,
      /cannot be updated by PATCH/,
    ],
    [
      "a group that is gone",
      "POST",
      () => `${first(`${DM}/deviceManagementScripts`).path}/assign`,
      () => ({
        deviceManagementScriptAssignments: [
          {
            target: {
              "@odata.type": "#microsoft.graph.groupAssignmentTarget",
              groupId: "0d1f2a3b-0000-4000-8000-00000000000b",
            },
          },
        ],
      }),
      400,
      /Invalid GroupId/,
    ],
    [
      "the wrong key of assign",
      "POST",
      () => `${first(`${DM}/deviceManagementScripts`).path}/assign`,
      () => ({ assignments: [] }),
      400,
      /list of assignments is missing/,
    ],
    [
      "an assignment's source",
      "POST",
      () => `${first(`${DM}/deviceConfigurations`).path}/assign`,
      () => ({
        assignments: [
          {
            source: "direct",
            target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: GROUP },
          },
        ],
      }),
      400,
      /source of an assignment/,
    ],
    [
      "a filter of an exclusion",
      "POST",
      () => `${first(`${DM}/deviceConfigurations`).path}/assign`,
      () => ({
        assignments: [
          {
            target: {
              "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget",
              groupId: GROUP,
              deviceAndAppManagementAssignmentFilterId: first(FILTER).id,
              deviceAndAppManagementAssignmentFilterType: "include",
            },
          },
        ],
      }),
      400,
      /exclusion takes no filter/,
    ],
    [
      "app protection of all devices",
      "POST",
      () =>
        `${first(`${AM}/managedAppPolicies`, (one) => one["@odata.type"] === "#microsoft.graph.iosManagedAppProtection").path.replace("managedAppPolicies", "iosManagedAppProtections")}/assign`,
      () => ({ assignments: [{ target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }] }),
      400,
      /All devices is no target/,
    ],
    [
      "a policy set for all devices",
      "POST",
      () => `${first(`${AM}/policySets`).path}/update`,
      () => ({ assignments: [{ target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }] }),
      400,
      /All devices is no target/,
    ],
    [
      "a new notification template's default language",
      "POST",
      () => `${DM}/notificationMessageTemplates`,
      () => ({ displayName: "x", brandingOptions: "none", roleScopeTagIds: ["0"], defaultLocale: "en-us" }),
      400,
      /defaultLocale cannot be set when an object is created/,
    ],
    [
      "more than names of a new branding profile",
      "POST",
      () => `${DM}/intuneBrandingProfiles`,
      () => ({ profileName: "x", profileDescription: "", roleScopeTagIds: ["0"], showLogo: true }),
      400,
      /showLogo cannot be set when an object is created/,
    ],
    [
      "another telemetry of a branding profile",
      "PATCH",
      () => first(`${DM}/intuneBrandingProfiles`).path,
      () => ({ disableClientTelemetry: true }),
      400,
      /disableClientTelemetry cannot be updated by PATCH/,
    ],
    [
      "another priority of what enrolls by default",
      "POST",
      () => {
        const collection = "deviceManagement/deviceEnrollmentConfigurations";
        const id =
          "0d1f2a3b-0000-4000-8000-00000000000e_DefaultWindows10EnrollmentCompletionPageConfiguration";
        tenant().put(collection, {
          "@odata.type": "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration",
          id,
          displayName: "All users and all devices",
          priority: 0,
        });
        return `/beta/${collection}/${id}/setPriority`;
      },
      () => ({ priority: 1 }),
      400,
      /priority of the default cannot be set/,
    ],
    [
      "platform restrictions, to any application",
      "PATCH",
      () =>
        first(`${DM}/deviceEnrollmentConfigurations`, (one) =>
          String(one["@odata.type"]).includes("PlatformRestriction"),
        ).path,
      () => ({ displayName: "x" }),
      403,
      /Intune Service Administrator/,
    ],
    [
      "what Microsoft provides",
      "PATCH",
      () => first(`${DM}/roleScopeTags`, (one) => one.isBuiltIn === true).path,
      () => ({ displayName: "x" }),
      400,
      /Microsoft provides/,
    ],
    [
      "a value by anything but a bind",
      "POST",
      () => `${first(`${DM}/groupPolicyConfigurations`).path}/updateDefinitionValues`,
      () => ({ added: [{ enabled: true, definition: { id: "x" } }], deletedIds: [] }),
      400,
      /definition@odata.bind is required/,
    ],
    [
      "masked OMA values",
      "POST",
      () => `${DM}/deviceConfigurations`,
      () => ({
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        displayName: "x",
        omaSettings: [{ "@odata.type": "#microsoft.graph.omaSettingString", omaUri: "./a", value: "****" }],
      }),
      400,
      /SecretReferenceValueId invalid/,
    ],
    [
      "a scope tag that is not there",
      "POST",
      () => FILTER,
      () => ({ ...newFilter, roleScopeTags: ["999"] }),
      400,
      /no scope tag 999/,
    ],
    [
      "conditional access for no application",
      "POST",
      () => "/beta/identity/conditionalAccess/policies",
      () => ({
        displayName: "x",
        state: "disabled",
        conditions: { applications: { includeApplications: [] }, users: { includeUsers: ["All"] } },
      }),
      400,
      /1011/,
    ],
    [
      "applications and actions",
      "POST",
      () => "/beta/identity/conditionalAccess/policies",
      () => ({
        displayName: "x",
        state: "disabled",
        conditions: {
          applications: {
            includeApplications: ["All"],
            includeUserActions: ["urn:user:registersecurityinfo"],
          },
        },
      }),
      400,
      /1012/,
    ],
    [
      "an unknown group",
      "POST",
      () => "/beta/identity/conditionalAccess/policies",
      () => ({
        displayName: "x",
        state: "disabled",
        conditions: {
          applications: { includeApplications: ["All"] },
          users: { excludeGroups: ["0d1f2a3b-0000-4000-8000-00000000000b"] },
        },
      }),
      400,
      /1054/,
    ],
    [
      "an application that the tenant lacks",
      "POST",
      () => "/beta/identity/conditionalAccess/policies",
      () => ({
        displayName: "x",
        state: "disabled",
        conditions: { applications: { includeApplications: ["0d1f2a3b-0000-4000-8000-00000000000c"] } },
      }),
      400,
      /not in the directory/,
    ],
    [
      "a strength with OR",
      "POST",
      () => "/beta/identity/conditionalAccess/policies",
      () => ({
        displayName: "x",
        state: "disabled",
        conditions: { applications: { includeApplications: ["All"] } },
        grantControls: {
          operator: "OR",
          authenticationStrength: { id: "00000000-0000-0000-0000-000000000002" },
        },
      }),
      400,
      /must be AND/,
    ],
    [
      "a strength whole",
      "POST",
      () => "/beta/identity/conditionalAccess/policies",
      () => ({
        displayName: "x",
        state: "disabled",
        conditions: { applications: { includeApplications: ["All"] } },
        grantControls: {
          operator: "AND",
          authenticationStrength: { id: "00000000-0000-0000-0000-000000000002", displayName: "MFA" },
        },
      }),
      400,
      /an id alone/,
    ],
    [
      "security defaults beside conditional access",
      "PATCH",
      () => "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy",
      () => ({ isEnabled: true }),
      400,
      /cannot be enabled while/,
    ],
    [
      "a collection that is served for reading",
      "PATCH",
      () => first("/beta/groups").path,
      () => ({ displayName: "x" }),
      405,
      /reading alone/,
    ],
    [
      "an object that is gone",
      "PATCH",
      () => `${FILTER}/0d1f2a3b-0000-4000-8000-00000000000b`,
      () => ({ displayName: "x" }),
      404,
      /does not exist/,
    ],
    [
      "Intune of beta under v1.0",
      "POST",
      () => FILTER.replace("beta", "v1.0"),
      () => newFilter,
      400,
      /segment/,
    ],
  ];
  test.each(refusals)("%s", async (_, method, path, body, status, message) => {
    const answer = await send(method, path(), body());
    expect(`${answer.status} ${answer.text}`).toMatch(new RegExp(`^${status}[\\s\\S]*${message.source}`));
  });
});

describe("approval by a second administrator", () => {
  test("a write waits with 412 until it is approved, and passes once with the same bytes", async () => {
    tenant().requireApproval();
    expect((await send("POST", FILTER, newFilter)).status).toBe(400);
    const why = { "x-msft-approval-justification": Buffer.from("Restore of Tuesday").toString("base64") };
    const waits = await send("POST", FILTER, newFilter, { headers: why });
    const code = waits.headers.get("x-msft-approval-code") ?? "";
    expect([waits.status, tenant().waitingForApproval()]).toEqual([412, [code]]);
    const headers = { ...why, "x-msft-approval-code": code };
    expect((await send("POST", FILTER, newFilter, { headers })).status).toBe(412);
    tenant().approve(code);
    const other = await send("POST", FILTER, { ...newFilter, displayName: "Other" }, { headers });
    expect([other.status, other.text]).toEqual([400, expect.stringContaining("belongs to another request")]);
    expect((await send("POST", FILTER, newFilter, { headers })).status).toBe(201);
    expect((await send("POST", FILTER, newFilter, { headers })).status).toBe(400);
    tenant().requireApproval(true, { forbids: true });
    const bare = await send("POST", FILTER, newFilter);
    const forbidden = await send("POST", FILTER, newFilter, { headers: why });
    const next = forbidden.headers.get("x-msft-approval-code") ?? "";
    expect([bare, forbidden].map(({ status, body }) => [status, body.error.code])).toEqual([
      [403, "ApprovalRequired"],
      [403, "ApprovalRequired"],
    ]);
    expect([bare.headers.has("x-msft-approval-code"), tenant().waitingForApproval()]).toEqual([
      false,
      [next],
    ]);
    tenant().approve(next);
    const again = { ...why, "x-msft-approval-code": next };
    expect((await send("POST", FILTER, newFilter, { headers: again })).status).toBe(201);
    // Entra knows no such approval.
    const location = {
      "@odata.type": "#microsoft.graph.countryNamedLocation",
      displayName: "x",
      countriesAndRegions: ["DE"],
    };
    expect((await send("POST", "/beta/identity/conditionalAccess/namedLocations", location)).status).toBe(
      201,
    );
  });
});

test("writes have a limit of their own, below that of reading", async () => {
  sandbox.configure({ enforceLimits: true });
  const category = first(`${DM}/deviceCategories`);
  const statuses = new Set<number>();
  for (let n = 0; n < 101; n++)
    statuses.add((await send("PATCH", category.path, { description: `${n}` })).status);
  expect([...statuses]).toEqual([200, 429]);
  expect((await writer.get(category.path)).status).toBe(200);
});
