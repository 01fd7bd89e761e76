import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type GraphObject, objectsOf } from "./json.ts";
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
const typesIn = (items: GraphObject[]) => new Set(items.map((item) => item["@odata.type"]));
const filters = (items: GraphObject[]) => JSON.stringify(items).match(/AssignmentFilterId/g)?.length ?? 0;

async function one(path: string, type: string): Promise<GraphObject> {
  const { items } = await client.all(`/beta/${path}`);
  const item = items.find((candidate) => candidate["@odata.type"] === `#microsoft.graph.${type}`);
  if (!item) throw new Error(`${path} has no ${type}`);
  return item;
}

describe("v1.0", () => {
  it("leaves out of lists the objects whose types only beta knows, and gives by id what their base has", async () => {
    const path = `${AM}/mobileApps`;
    const { items: all } = await client.all(`/beta/${path}`);
    const { items: some } = await client.all(`/v1.0/${path}`);
    const winGet = "#microsoft.graph.winGetApp";
    expect(typesIn(all)).toContain(winGet);
    expect(typesIn(some)).not.toContain(winGet);
    expect(some.length).toBeLessThan(all.length);
    expect((await client.get(`/v1.0/${path}?$count=true`)).body["@odata.count"]).toBe(some.length);
    const app = await one(path, "winGetApp");
    const { body } = await client.get(`/v1.0/${path}/${app.id}`);
    expect(body).toMatchObject({ id: app.id, displayName: app.displayName });
    expect(body).not.toHaveProperty("packageIdentifier");
    expect(body).not.toHaveProperty("@odata.type");
  });

  it("lacks the properties that only beta has, nested ones too", async () => {
    const path = `${DM}/deviceCompliancePolicies?$expand=assignments`;
    const { items: all } = await client.all(`/beta/${path}`);
    const { items: some } = await client.all(`/v1.0/${path}`);
    expect(all.every((item) => Array.isArray(item.roleScopeTagIds))).toBe(true);
    expect(some.filter((item) => "roleScopeTagIds" in item)).toEqual([]);
    expect(filters(all)).toBeGreaterThan(10);
    expect(filters(some)).toBe(0);
  });

  it("has a property of its own now and then", async () => {
    const path = "identity/conditionalAccess/policies";
    expect((await client.get(`/v1.0/${path}?$top=1`)).body.value).toMatchObject([{ templateId: null }]);
    const { body } = await client.get(`/beta/${path}?$top=1`);
    expect((body.value as GraphObject[])[0]).not.toHaveProperty("templateId");
  });

  it.each([
    [`${AM}/windowsManagedAppProtections`],
    [`${AM}/mobileApps/{app}/relationships`],
    [`${AM}/mobileApps?$expand=relationships`],
    [`${DM}/virtualEndpoint/organizationSettings`],
    ["policies/externalIdentitiesPolicy"],
  ])("answers 400 to %s", async (path) => {
    const { id } = await one(`${AM}/mobileApps`, "win32LobApp");
    expect((await client.get(`/v1.0/${path.replace("{app}", String(id))}`)).status).toBe(400);
  });

  it("gives what no version knows as it is", async () => {
    const path = `${DM}/deviceConfigurations`;
    const strange = {
      "@odata.type": "#microsoft.graph.quantumConfiguration",
      id: "q1",
      displayName: "Q",
      spin: 1,
    };
    tenant().put(path, strange);
    for (const version of ["v1.0", "beta"])
      expect((await client.get(`/${version}/${path}/q1`)).body).toMatchObject(strange);
  });
});

describe("@odata.type", () => {
  it.each([
    [`${DM}/configurationPolicies`, false],
    [`${DM}/assignmentFilters`, false],
    [`${AM}/iosManagedAppProtections`, false],
    [`${AM}/managedAppPolicies/microsoft.graph.iosManagedAppProtection`, false],
    [`${AM}/managedAppPolicies`, true],
    [`${DM}/roleDefinitions`, true],
    [`${DM}/roleAssignments`, false],
    ["identity/conditionalAccess/policies", false],
    ["identity/conditionalAccess/namedLocations", true],
  ])("in %s stands with the objects: %s", async (path, stands) => {
    const { items } = await client.all(`/beta/${path}`);
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect("@odata.type" in item).toBe(stands);
  });

  it("stands with complex values only where they are of a derived type", async () => {
    const { items } = await client.all(`/beta/${DM}/configurationPolicies?$expand=assignments`);
    for (const item of items) expect(item.templateReference).not.toHaveProperty("@odata.type");
    const targets = items.flatMap((item) => objectsOf(item.assignments).map(({ target }) => target));
    expect(targets.length).toBeGreaterThan(10);
    for (const target of targets) expect(target).toHaveProperty("@odata.type");
  });
});

describe("protocol", () => {
  it("counts the page, not the collection, of configuration policies unasked", async () => {
    const { body } = await client.get(`/beta/${DM}/configurationPolicies?$top=7`);
    expect(body["@odata.count"]).toBe(7);
    expect(body).toHaveProperty(["@odata.nextLink"]);
    expect((await client.get(`/beta/${DM}/intents`)).body).not.toHaveProperty(["@odata.count"]);
  });

  it("has continuations that survive only byte for byte", async () => {
    const { body } = await client.get(`/beta/${DM}/configurationPolicies?$top=7`);
    const link = String(body["@odata.nextLink"]);
    expect(link).toMatch(/\$skiptoken=%255B\w+%255D\+RID%2F7%253D%253D$/);
    expect((await client.get(link)).status).toBe(200);
    const relative = link.replace(`${sandbox.url}/beta`, "");
    const { body: batch } = await client.batch([{ id: "1", url: relative }]);
    expect(batch.responses).toMatchObject([{ status: 200 }]);
    const plus = link.replace("+RID", "%20RID");
    for (const spoiled of [decodeURIComponent(link), plus, link.replaceAll("%25", "%2525")])
      expect((await client.get(spoiled)).status).toBe(400);
  });

  it("annotates what it expands", async () => {
    const { body } = await client.get(`/beta/${DM}/deviceConfigurations?$expand=assignments&$top=1`);
    const [item] = body.value as GraphObject[];
    expect(item?.["assignments@odata.context"]).toBe(
      `${sandbox.url}/beta/$metadata#${DM}/deviceConfigurations('${item?.id}')/assignments`,
    );
  });

  it.each([400, 500, 501])("refuses an expansion with %d when told to", async (status) => {
    sandbox.fault({ query: "$expand=assignments", action: { kind: "status", status } });
    expect((await client.get(`/beta/${DM}/intents`)).status).toBe(200);
    expect((await client.get(`/beta/${DM}/deviceConfigurations?%24expand=assignments`)).status).toBe(status);
  });
});

describe("addresses of their own", () => {
  it("references are read through the type that has them", async () => {
    const path = `${DM}/deviceConfigurations`;
    const { id } = await one(path, "windowsWifiEnterpriseEAPConfiguration");
    const cast = "microsoft.graph.windowsWifiEnterpriseEAPConfiguration";
    const many = `${path}/${id}/${cast}/rootCertificatesForServerValidation?$select=id,displayName`;
    const { items } = await client.all(`/beta/${many}`);
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect((await client.get(`/beta/${path}/${item.id}`)).status).toBe(200);
    const single = `${path}/${id}/${cast}/identityCertificateForClientAuthentication`;
    const { body } = await client.get(`/beta/${single}`);
    expect(body["@odata.type"]).toMatch(/^#microsoft\.graph\.windows\w+CertificateProfile$/);
    expect((await client.get(`/beta/${path}/${id}/rootCertificatesForServerValidation`)).status).toBe(400);
    expect((await client.get(`/v1.0/${many}`)).status).toBe(400);
  });

  it("a reference that is not set answers 404", async () => {
    const path = `${DM}/deviceConfigurations`;
    const { id } = await one(path, "iosVpnConfiguration");
    const cast = "microsoft.graph.iosVpnConfiguration/derivedCredentialSettings";
    expect((await client.get(`/beta/${path}/${id}/${cast}`)).status).toBe(404);
  });

  it("images are null in their object; unset they answer 204", async () => {
    const path = `/beta/${DM}/intuneBrandingProfiles`;
    const { items } = await client.all(path);
    const [first] = items;
    expect(first).toMatchObject({ themeColorLogo: null });
    const { body } = await client.get(`${path}/${first?.id}/themeColorLogo`);
    expect(body).toMatchObject({ type: "image/png", value: expect.any(String) });
    expect((await client.fetch(`${path}/${first?.id}/landingPageCustomizedImage`)).status).toBe(204);
  });

  it("streams come as bytes, and as base64 in a batch", async () => {
    const path = `organization/${CONTOSO.entraTenantId}/branding`;
    const whole = tenant().get("organization/{organizationId}/branding", "0");
    const response = await client.fetch(`/v1.0/${path}/bannerLogo`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.toString("base64")).toBe(whole?.bannerLogo);
    const { body } = await client.batch([{ id: "1", url: `/${path}/bannerLogo` }], "v1.0");
    expect(body.responses).toMatchObject([{ status: 200, body: whole?.bannerLogo }]);
    expect((await client.get(`/v1.0/${path}/favicon`)).status).toBe(404);
    expect((await client.get(`/v1.0/${path}/localizations`)).status).toBe(200);
    expect((await client.get(`/v1.0/organization/${CONTOSO.clientId}/branding`)).status).toBe(404);
  });

  it("settings have no id, and a partner is known by its tenant", async () => {
    expect((await client.get(`/beta/${DM}/settings`)).body).not.toHaveProperty("id");
    const path = "/v1.0/policies/crossTenantAccessPolicy/partners";
    const { items } = await client.all(path);
    expect(items[0]).not.toHaveProperty("id");
    expect((await client.get(`${path}/${items[0]?.tenantId}`)).body).toMatchObject(items[0] ?? {});
    const states = await Promise.all(
      items.map(({ tenantId }) => client.get(`${path}/${tenantId}/identitySynchronization`)),
    );
    expect(states.map(({ status }) => status).sort()).toEqual([200, 200, 404]);
  });

  it("role settings want their filter", async () => {
    const path = "/v1.0/policies/roleManagementPolicyAssignments";
    expect((await client.get(path)).status).toBe(400);
    const query = "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'&$expand=policy($expand=rules)";
    const { items } = await client.all(`${path}?${query}`);
    expect(items.length).toBeGreaterThan(2);
    expect(items[0]).toMatchObject({ policy: { rules: expect.any(Array) } });
  });

  it("device preparation tells its group in a function", async () => {
    const { items } = await client.all(`/beta/${DM}/configurationPolicies`);
    const preparing = items.find((item) => JSON.stringify(item).includes("enrollmentConfiguration"));
    const path = `/beta/${DM}/configurationPolicies('${preparing?.id}')`;
    const { body } = await client.get(`${path}/retrieveEnrollmentTimeDeviceMembershipTarget`);
    expect(body).toMatchObject({ validationSucceeded: true });
  });

  it("apps tell what they need, and Microsoft's own can be left out", async () => {
    const some = "microsoft.graph.managedApp/appAvailability";
    const filter = `(${some} eq null or ${some} eq 'lineOfBusiness' or isAssigned eq true)`;
    const { items: all } = await client.all(`/beta/${AM}/mobileApps`);
    const { items: own } = await client.all(`/beta/${AM}/mobileApps?$filter=${encodeURIComponent(filter)}`);
    expect(all.length - own.length).toBe(12);
    const needing = own.find(({ dependentAppCount }) => dependentAppCount === 1);
    const { items } = await client.all(`/beta/${AM}/mobileApps/${needing?.id}/relationships`);
    expect(items[0]).toMatchObject({
      "@odata.type": "#microsoft.graph.mobileAppDependency",
      targetType: "child",
    });
  });
});
