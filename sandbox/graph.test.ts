import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collectionAt } from "./collections.ts";
import type { GraphObject, Json } from "./json.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

const DM = "deviceManagement";
const AM = "deviceAppManagement";

let sandbox: Sandbox;
let client: TestClient;

beforeAll(async () => {
  sandbox = await startSandbox({ tenants: [{ ...CONTOSO, policies: 400 }] });
  client = await TestClient.connect(sandbox, CONTOSO);
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const tenant = () => sandbox.tenant(CONTOSO.entraTenantId);

async function first(path: string): Promise<GraphObject & { id: string }> {
  const { items } = await client.all(path);
  const [item] = items;
  if (!item) throw new Error(`${path} is empty`);
  return item as GraphObject & { id: string };
}

/** Path, where it exists, children by name. */
const COLLECTIONS: [string, "v1.0" | "beta", string[]][] = [
  [`${DM}/deviceConfigurations`, "v1.0", ["assignments"]],
  [`${DM}/groupPolicyConfigurations`, "beta", ["definitionValues", "assignments"]],
  [`${DM}/configurationPolicies`, "beta", ["settings", "assignments"]],
  [`${DM}/intents`, "beta", ["categories", "assignments"]],
  [`${DM}/deviceCompliancePolicies`, "v1.0", ["scheduledActionsForRule", "assignments"]],
  [`${DM}/compliancePolicies`, "beta", ["settings", "scheduledActionsForRule", "assignments"]],
  [`${DM}/windowsFeatureUpdateProfiles`, "beta", ["assignments"]],
  [`${DM}/windowsQualityUpdateProfiles`, "beta", ["assignments"]],
  [`${DM}/windowsDriverUpdateProfiles`, "beta", ["assignments"]],
  [`${DM}/deviceManagementScripts`, "beta", ["assignments"]],
  [`${DM}/deviceShellScripts`, "beta", ["assignments"]],
  [`${DM}/deviceCustomAttributeShellScripts`, "beta", ["assignments"]],
  [`${DM}/deviceHealthScripts`, "beta", ["assignments"]],
  [`${DM}/deviceComplianceScripts`, "beta", []],
  [`${DM}/windowsAutopilotDeploymentProfiles`, "beta", ["assignments"]],
  [`${DM}/deviceEnrollmentConfigurations`, "v1.0", ["assignments"]],
  [`${AM}/managedAppPolicies`, "v1.0", []],
  [`${AM}/iosManagedAppProtections`, "v1.0", ["apps", "assignments"]],
  [`${AM}/androidManagedAppProtections`, "v1.0", ["apps", "assignments"]],
  [`${AM}/windowsManagedAppProtections`, "beta", ["apps", "assignments"]],
  [`${AM}/mdmWindowsInformationProtectionPolicies`, "v1.0", ["assignments"]],
  [`${AM}/targetedManagedAppConfigurations`, "v1.0", ["apps", "assignments"]],
  [`${AM}/mobileAppConfigurations`, "v1.0", ["assignments"]],
  [`${AM}/mobileApps`, "v1.0", ["assignments", "categories"]],
  [`${AM}/policySets`, "beta", ["items", "assignments"]],
  ["identity/conditionalAccess/policies", "v1.0", []],
  ["identity/conditionalAccess/namedLocations", "v1.0", []],
  ["policies/authenticationStrengthPolicies", "v1.0", ["combinationConfigurations"]],
  [`${DM}/assignmentFilters`, "beta", []],
  [`${DM}/roleScopeTags`, "beta", []],
  [`${DM}/roleDefinitions`, "v1.0", ["roleAssignments"]],
  [`${DM}/roleAssignments`, "v1.0", []],
  [`${DM}/notificationMessageTemplates`, "v1.0", ["localizedNotificationMessages"]],
  [`${DM}/termsAndConditions`, "v1.0", ["assignments"]],
  [`${DM}/reusablePolicySettings`, "beta", []],
  [`${DM}/deviceCategories`, "v1.0", []],
  [`${DM}/intuneBrandingProfiles`, "beta", ["assignments"]],
];

describe.each(COLLECTIONS)("%s", (path, since, children) => {
  it("lists objects without their children, and reads each again by id", async () => {
    const { items } = await client.all(`/beta/${path}`);
    expect(items.length).toBe(tenant().count(path));
    expect(items.length).toBeGreaterThan(0);
    const [item] = items;
    const declared = collectionAt(path)?.types[0];
    for (const { "@odata.type": type } of items) expect(type).not.toBe(`#microsoft.graph.${declared}`);
    for (const name of children) expect(item).not.toHaveProperty(name);
    const { status, body } = await client.get(`/beta/${path}/${item?.id}`);
    expect(status).toBe(200);
    expect(body["@odata.context"]).toContain(`$metadata#${path}/$entity`);
    expect(Object.keys(body)).toEqual(expect.arrayContaining(Object.keys(item ?? {})));
  });

  it(since === "beta" ? "does not exist in v1.0" : "exists in beta too", async () => {
    const other = await client.get(`/${since === "beta" ? "v1.0" : "beta"}/${path}`);
    expect(other.status).toBe(since === "beta" ? 400 : 200);
  });

  it.each(children)("serves %s from an endpoint of its own", async (name) => {
    const { id } = await first(`/beta/${path}`);
    const { items } = await client.all(`/beta/${path}/${id}/${name}`);
    expect(items).toEqual(strippedOfNested(tenant().shown(path, id, "beta")?.[name] as GraphObject[]));
  });
});

/** Without the annotations beside what was expanded, at every depth. */
function withoutContext(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutContext);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !name.endsWith("@odata.context"));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutContext(inner)]));
}

/** What an element's own endpoint leaves out because it is a child again. */
function strippedOfNested(elements: GraphObject[]): GraphObject[] {
  const abridged = ["members", "scopeMembers", "resourceScopes", "roleScopeTags"];
  const nested = ["definition", "presentationValues", "scheduledActionConfigurations", ...abridged];
  return elements.map((element) => {
    const isCategory = "hasRequiredSetting" in element;
    const names = Object.entries(element).filter(
      ([name]) => !nested.includes(name) && !(isCategory && name === "settings"),
    );
    return Object.fromEntries(names);
  });
}

describe("single objects", () => {
  it.each([
    "policies/authenticationMethodsPolicy",
    "policies/authorizationPolicy",
    "policies/identitySecurityDefaultsEnforcementPolicy",
  ])("%s answers the object itself", async (path) => {
    const { status, body } = await client.get(`/v1.0/${path}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: expect.any(String), displayName: expect.any(String) });
    expect(body).not.toHaveProperty("value");
  });

  it("authorizationPolicy is a collection of one in beta", async () => {
    expect((await client.all("/beta/policies/authorizationPolicy")).items).toHaveLength(1);
  });
});

describe("pages", () => {
  it("follow nextLinks on the caller's own origin until all came once", async () => {
    const { body } = await client.get(`/beta/${DM}/configurationPolicies?$top=7&$select=id`);
    expect(body["@odata.nextLink"]).toMatch(`${sandbox.url}/beta/${DM}/configurationPolicies?`);
    const { items, pages } = await client.all(`/beta/${DM}/configurationPolicies?$top=7`);
    const expected = tenant().count(`${DM}/configurationPolicies`);
    expect(new Set(items.map(({ id }) => id)).size).toBe(expected);
    expect(pages).toBe(Math.ceil(expected / 7));
  });

  it("settings come 25 at a time, and as many as settingCount announces", async () => {
    const { items } = await client.all(`/beta/${DM}/configurationPolicies`);
    const large = items.find(({ settingCount }) => Number(settingCount) > 60);
    const path = `/beta/${DM}/configurationPolicies/${large?.id}/settings`;
    expect((await client.get(path)).body.value).toHaveLength(25);
    const all = await client.all(path);
    expect(all.items).toHaveLength(Number(large?.settingCount));
    expect(all.pages).toBe(Math.ceil(all.items.length / 25));
    for (const policy of items.slice(0, 30)) {
      const whole = tenant().get(`${DM}/configurationPolicies`, String(policy.id));
      expect(whole?.settings).toHaveLength(Number(policy.settingCount));
    }
  });

  it("are not shifted by what is deleted meanwhile", async () => {
    const path = `${DM}/deviceConfigurations`;
    const page = await client.get(`/v1.0/${path}?$top=5`);
    const seen = (page.body.value as GraphObject[]).map(({ id }) => String(id));
    const rest = (await client.all(`/v1.0/${path}`)).items.map(({ id }) => String(id)).slice(5);
    tenant().remove(path, seen[0] ?? "");
    const after = await client.all(String(page.body["@odata.nextLink"]));
    expect(after.items.map(({ id }) => id)).toEqual(rest);
  });

  it("refuse a forged token", async () => {
    expect((await client.get(`/v1.0/${DM}/deviceConfigurations?$skiptoken=abc`)).status).toBe(400);
  });
});

describe("query options", () => {
  it("expand assignments in a list, and compliance actions two levels deep", async () => {
    const configuration = await client.get(`/v1.0/${DM}/deviceConfigurations?$expand=assignments&$top=3`);
    for (const item of configuration.body.value as GraphObject[])
      expect(item.assignments).toBeInstanceOf(Array);
    const expand = "scheduledActionsForRule($expand=scheduledActionConfigurations)";
    for (const version of ["v1.0", "beta"] as const) {
      const deep = await first(`/${version}/${DM}/deviceCompliancePolicies?$expand=${expand},assignments`);
      const shown = tenant().shown(`${DM}/deviceCompliancePolicies`, deep.id, version);
      expect(withoutContext(deep)).toEqual(shown);
      expect(deep["assignments@odata.context"]).toMatch(/deviceCompliancePolicies\('[^']+'\)\/assignments$/);
    }
    const flat = await first(`/v1.0/${DM}/deviceCompliancePolicies?$expand=scheduledActionsForRule`);
    expect((flat.scheduledActionsForRule as GraphObject[])[0]).not.toHaveProperty(
      "scheduledActionConfigurations",
    );
  });

  it("expand localized messages, definitions and presentations", async () => {
    const template = await first(
      `/v1.0/${DM}/notificationMessageTemplates?$expand=localizedNotificationMessages`,
    );
    const shown = tenant().shown(`${DM}/notificationMessageTemplates`, template.id, "v1.0");
    expect(withoutContext(template)).toEqual(shown);
    const path = `${DM}/groupPolicyConfigurations`;
    const { items } = await client.all(`/beta/${path}`);
    for (const { id } of items) {
      const whole = tenant().shown(path, String(id), "beta")?.definitionValues as GraphObject[];
      const values = await client.all(`/beta/${path}/${id}/definitionValues?$expand=definition`);
      for (const [at, value] of values.items.entries()) {
        const below = `/beta/${path}/${id}/definitionValues/${value.id}/presentationValues?$expand=presentation`;
        const found = { ...value, presentationValues: (await client.all(below)).items };
        expect(withoutContext(found)).toEqual(whole[at]);
      }
    }
  });

  it("expand a policy set's items by id only", async () => {
    expect((await client.get(`/beta/${AM}/policySets?$expand=items`)).status).toBe(400);
    const { id } = await first(`/beta/${AM}/policySets`);
    const { body } = await client.get(`/beta/${AM}/policySets/${id}?$expand=items,assignments`);
    expect(body).toMatchObject(tenant().shown(`${AM}/policySets`, id, "beta") ?? {});
  });

  it("refuse to expand assignments of the untyped app protection policies", async () => {
    const { status, body } = await client.get(`/v1.0/${AM}/managedAppPolicies?$expand=assignments`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { message: expect.stringContaining("'assignments'") } });
  });

  it("filter by type, family and name", async () => {
    const ring = "isof('microsoft.graph.windowsUpdateForBusinessConfiguration')";
    const all = await client.all(`/v1.0/${DM}/deviceConfigurations`);
    const rings = await client.all(`/v1.0/${DM}/deviceConfigurations?$filter=${ring}`);
    const others = await client.all(`/v1.0/${DM}/deviceConfigurations?$filter=not ${ring}`);
    expect(rings.items.length).toBeGreaterThan(0);
    expect(rings.items.length + others.items.length).toBe(all.items.length);
    const family = "templateReference/templateFamily eq 'baseline'";
    const baselines = await client.all(`/beta/${DM}/configurationPolicies?$filter=${family}&$top=1`);
    expect(baselines.items.length).toBeGreaterThan(1);
    for (const item of baselines.items)
      expect(item.templateReference).toMatchObject({ templateFamily: "baseline" });
    const started = await client.all(
      `/v1.0/${AM}/mobileApps?$filter=startswith(displayName,'iOS') and isFeatured eq false`,
    );
    for (const item of started.items) expect(item.displayName).toMatch(/^iOS/);
  });

  it("select properties and count objects", async () => {
    const path = `${DM}/deviceConfigurations`;
    const { body } = await client.get(`/beta/${path}?$select=displayName&$count=true&$top=1`);
    expect(body["@odata.count"]).toBe(tenant().count(path));
    const [item] = body.value as GraphObject[];
    expect(Object.keys(item ?? {}).sort()).toEqual(["@odata.type", "displayName", "id"]);
    expect(await (await client.fetch(`/beta/${path}/$count`)).text()).toBe(String(tenant().count(path)));
  });

  it.each([
    "$filter=displayName like 'x'",
    "$top=0",
    "$top=x",
    "$orderby=displayName",
    "$expand=nonsense",
    "$expand=a(b",
  ])("refuse %s", async (query) => {
    const { status, body } = await client.get(`/v1.0/${DM}/deviceConfigurations?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: "BadRequest" } });
  });
});

describe("traps of the real Graph", () => {
  it.each(["deviceManagementScripts", "deviceShellScripts", "deviceCustomAttributeShellScripts"])(
    "%s have their content only when read by id",
    async (name) => {
      const listed = await first(`/beta/${DM}/${name}`);
      expect(listed.scriptContent).toBeNull();
      const { body } = await client.get(`/beta/${DM}/${name}/${listed.id}`);
      expect(Buffer.from(String(body.scriptContent), "base64").toString()).toContain("step 0");
    },
  );

  it("encrypted OMA values are placeholders, and their plain text needs ReadWrite", async () => {
    const filter = "isof('microsoft.graph.windows10CustomConfiguration')";
    const custom = await first(`/beta/${DM}/deviceConfigurations?$filter=${filter}`);
    const secret = (custom.omaSettings as GraphObject[]).find(({ isEncrypted }) => isEncrypted === true);
    expect(secret).toMatchObject({
      value: "****",
      secretReferenceValueId: expect.stringContaining(custom.id),
    });
    const call = `getOmaSettingPlainTextValue(secretReferenceValueId='${secret?.secretReferenceValueId}')`;
    expect((await client.get(`/beta/${DM}/deviceConfigurations/${custom.id}/${call}`)).status).toBe(403);
    tenant().setPermissions(["DeviceManagementConfiguration.ReadWrite.All"]);
    const writer = await TestClient.connect(sandbox, CONTOSO);
    const plain = await writer.get(`/beta/${DM}/deviceConfigurations/${custom.id}/${call}`);
    expect(plain.body.value).toContain("plain text");
  });

  it("app protection policies mix with app configurations, and each type has its own endpoint", async () => {
    const { items } = await client.all(`/v1.0/${AM}/managedAppPolicies`);
    const types = new Set(items.map((item) => item["@odata.type"]));
    expect(types).toContain("#microsoft.graph.targetedManagedAppConfiguration");
    const ios = await client.all(`/v1.0/${AM}/iosManagedAppProtections`);
    expect(ios.items.length).toBeGreaterThan(0);
    // What the address says is not said again.
    for (const item of ios.items) expect(item).not.toHaveProperty("@odata.type");
    const wrong = await client.get(`/v1.0/${AM}/androidManagedAppProtections/${ios.items[0]?.id}`);
    expect(wrong.status).toBe(404);
    const cast = `microsoft.graph.iosManagedAppProtection/apps`;
    expect((await client.get(`/v1.0/${AM}/managedAppPolicies/${ios.items[0]?.id}/${cast}`)).status).toBe(200);
    expect((await client.get(`/v1.0/${AM}/managedAppPolicies/${ios.items[0]?.id}/apps`)).status).toBe(400);
  });

  it("an object deleted between list and read answers 404", async () => {
    const path = `${DM}/configurationPolicies`;
    const { gone } = tenant().drift({ gone: 2, collection: path });
    expect(gone).toHaveLength(2);
    const listed = (await client.all(`/beta/${path}`)).items.map(({ id }) => id);
    for (const { id } of gone) {
      expect(listed).toContain(id);
      const reply = await client.get(`/beta/${path}/${id}/settings`);
      expect(reply).toMatchObject({ status: 404, body: { error: { code: "ResourceNotFound" } } });
    }
  });

  it("a role's assignments tell their members only when read by id", async () => {
    const { id } = await first(`/v1.0/${DM}/roleDefinitions`);
    const [brief] = (await client.all(`/v1.0/${DM}/roleDefinitions/${id}/roleAssignments`)).items;
    expect(brief).not.toHaveProperty("members");
    const { body } = await client.get(`/v1.0/${DM}/roleAssignments/${brief?.id}?$expand=roleDefinition`);
    expect(body).toMatchObject({ members: [expect.any(String)], roleDefinition: { id } });
  });

  it("every assignment that a role lists is readable by id, whatever became of others", async () => {
    const roles = `/v1.0/${DM}/roleDefinitions`;
    const assigned = async () => {
      const lists = (await client.all(roles)).items.map(({ id }) =>
        client.all(`${roles}/${id}/roleAssignments`),
      );
      return (await Promise.all(lists)).flatMap(({ items }) => items.map(({ id }) => String(id))).toSorted();
    };
    const listed = async () =>
      (await client.all(`/v1.0/${DM}/roleAssignments`)).items.map(({ id }) => String(id)).toSorted();
    const before = await assigned();
    expect(before.length).toBeGreaterThan(2);
    expect(before).toEqual(await listed());
    const { removed, changed } = tenant().drift({
      remove: 2,
      change: 1,
      collection: `${DM}/roleAssignments`,
    });
    const after = await assigned();
    expect(after).toEqual(before.filter((id) => !removed.some((gone) => gone.id === id)));
    for (const id of after) expect((await client.get(`/v1.0/${DM}/roleAssignments/${id}`)).status).toBe(200);
    const owner = [...tenant().objects()].find(
      ({ collection, object }) =>
        collection === `${DM}/roleDefinitions` && JSON.stringify(object).includes(String(changed[0]?.id)),
    );
    expect(JSON.stringify(owner?.object)).toContain("Changed by an administrator");
  });

  it("a role put with its assignments has them in their own collection too", async () => {
    const assignment = {
      id: "a1",
      displayName: "Berlin",
      members: ["m"],
      scopeMembers: [],
      resourceScopes: [],
    };
    tenant().put(`${DM}/roleDefinitions`, { id: "r1", displayName: "Own", roleAssignments: [assignment] });
    const { items } = await client.all(`/v1.0/${DM}/roleDefinitions/r1/roleAssignments`);
    expect(items).toEqual([{ id: "a1", displayName: "Berlin" }]);
    const { body } = await client.get(`/beta/${DM}/roleAssignments/a1`);
    expect(body).toMatchObject(assignment);
  });

  it("keys may be written in parentheses", async () => {
    const { id } = await first(`/beta/${DM}/configurationPolicies`);
    expect((await client.get(`/beta/${DM}/configurationPolicies('${id}')/assignments`)).status).toBe(200);
  });

  it.each([
    [`/beta/${DM}/configurationPolicies/00000000-0000-4000-8000-000000000000`, 404],
    [`/beta/${DM}/configurationPolicies/nonsense`, 404],
    [`/beta/${DM}/nonsense`, 400],
    ["/beta/policies/securityDefaultsPolicy", 400],
    ["/beta/policies/authenticationMethodsPolicy/more", 404],
  ])("%s answers %d", async (path, status) => {
    expect((await client.get(path)).status).toBe(status);
  });

  it("is read-only for an app registration that reads", async () => {
    const response = await client.fetch(`/beta/${DM}/configurationPolicies`, { method: "POST", body: "{}" });
    expect(response.status).toBe(403);
  });
});
