import { afterAll, beforeAll, expect, it } from "vitest";
import { type GraphObject, objectsOf } from "./json.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

let sandbox: Sandbox;
let client: TestClient;
beforeAll(async () => {
  sandbox = await startSandbox({ tenants: [{ ...CONTOSO, policies: 40 }] });
  client = await TestClient.connect(sandbox, CONTOSO);
});
afterAll(() => sandbox.stop());

const DM = "/beta/deviceManagement";
const one = async (path: string) => (await client.get(`${DM}/${path}`)).body;

/** Every setting of a policy, those below others too. */
function instancesIn(value: unknown): GraphObject[] {
  if (Array.isArray(value)) return value.flatMap(instancesIn);
  if (value === null || typeof value !== "object") return [];
  const below = Object.values(value).flatMap(instancesIn);
  return "settingDefinitionId" in value ? [value as GraphObject, ...below] : below;
}

it("defines every setting that it serves: by kind, with the options that were chosen, in categories up to a root", async () => {
  const policies = objectsOf((await one("configurationPolicies")).value);
  const settings: GraphObject[] = [];
  for (const { id } of policies.slice(0, 6))
    settings.push(
      ...instancesIn((await one(`configurationPolicies/${String(id)}/settings?$top=1000`)).value),
    );
  expect(settings.length).toBeGreaterThan(20);
  for (const setting of settings) {
    const id = String(setting.settingDefinitionId);
    const definition = await one(`configurationSettings/${encodeURIComponent(id)}`);
    expect(definition).toMatchObject({ id, displayName: expect.stringMatching(/^[A-Z\d]/) });
    const { choiceSettingValue } = setting as { choiceSettingValue?: { value: string } };
    expect(definition["@odata.type"]).toContain(choiceSettingValue ? "ChoiceSetting" : "Setting");
    if (!choiceSettingValue) continue;
    const option = objectsOf(definition.options).find(({ itemId }) => itemId === choiceSettingValue.value);
    expect(option?.displayName, choiceSettingValue.value).toEqual(expect.any(String));
  }
  const definition = await one(`configurationSettings/${String(settings[0]?.settingDefinitionId)}`);
  const category = await one(`configurationCategories/${String(definition.categoryId)}`);
  expect(category).toMatchObject({ displayName: expect.any(String), parentCategoryId: expect.any(String) });
  const root = await one(`configurationCategories/${String(category.rootCategoryId)}`);
  expect(root.parentCategoryId).toBe(root.id);
});

it("answers 404 for a setting that no policy holds, also of another usage, and serves batches", async () => {
  expect((await client.get(`${DM}/configurationSettings/no_such_setting`)).status).toBe(404);
  const [linux] = objectsOf((await one("compliancePolicies")).value);
  const [setting] = instancesIn((await one(`compliancePolicies/${String(linux?.id)}/settings`)).value);
  const id = String(setting?.settingDefinitionId);
  expect((await client.get(`${DM}/configurationSettings/${id}`)).status).toBe(404);
  const batch = await client.fetch("/beta/$batch", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      requests: [{ id: "1", method: "GET", url: `/deviceManagement/complianceSettings/${id}` }],
    }),
  });
  const { responses } = (await batch.json()) as { responses: { status: number; body: GraphObject }[] };
  expect(responses[0]).toMatchObject({ status: 200, body: { id } });
});
