import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { GraphObject } from "./json.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ tenants: [{ ...CONTOSO, policies: 400 }] });
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const tenant = () => sandbox.tenant(CONTOSO.entraTenantId);
const named = (field: string, ids: readonly string[]) =>
  encodeURIComponent(`${field} in (${ids.map((id) => `'${id}'`).join(",")})`);

async function client(...permissions: string[]): Promise<TestClient> {
  tenant().setPermissions(permissions);
  return TestClient.connect(sandbox, CONTOSO);
}

/** Ids of all groups that policies are assigned to. */
function assignedGroups(): string[] {
  const text = JSON.stringify([...tenant().objects()]);
  return [...new Set([...text.matchAll(/"groupId":"([^"]+)"/g)].flatMap(([, id]) => id ?? []))];
}

it("tells the names of groups that policies are assigned to, and is silent about deleted ones", async () => {
  const reader = await client("Group.ReadBasic.All");
  const found: GraphObject[] = [];
  const asked = assignedGroups();
  for (let at = 0; at < asked.length; at += 15) {
    const filter = named("id", asked.slice(at, at + 15));
    const { items } = await reader.all(`/v1.0/groups?$filter=${filter}&$select=id,displayName`);
    found.push(...items);
  }
  expect(found.length).toBeGreaterThan(20);
  expect(found.length).toBeLessThan(asked.length);
  expect(Object.keys(found[0] ?? {})).toEqual(expect.arrayContaining(["id", "displayName"]));
});

it("takes at most fifteen ids at a time", async () => {
  const reader = await client("Group.ReadBasic.All");
  const filter = named("id", assignedGroups().slice(0, 16));
  expect((await reader.get(`/v1.0/groups?$filter=${filter}`)).status).toBe(400);
});

it("gives the rule of a dynamic group to those only who may read members", async () => {
  const rules = async (permission: string) => {
    const { items } = await (await client(permission)).all("/v1.0/groups?$select=id,membershipRule");
    return items.filter(({ membershipRule }) => membershipRule !== null).length;
  };
  expect(await rules("Group.ReadBasic.All")).toBe(0);
  expect(await rules("GroupMember.Read.All")).toBeGreaterThan(3);
});

it("names users, applications and roles", async () => {
  const reader = await client("User.ReadBasic.All", "Application.Read.All", "RoleManagement.Read.Directory");
  const { items: users } = await reader.all("/v1.0/users");
  const some = users.slice(0, 3).map(({ id }) => String(id));
  const again = await reader.all(`/v1.0/users?$filter=${named("id", some)}&$select=id,userPrincipalName`);
  expect(again.items.map(({ id }) => id)).toEqual(some);
  const graph = named("appId", ["00000003-0000-0000-c000-000000000000"]);
  const { items: apps } = await reader.all(`/v1.0/servicePrincipals?$filter=${graph}`);
  expect(apps).toMatchObject([{ displayName: "Microsoft Graph" }]);
  const { items: roles } = await reader.all("/v1.0/directoryRoleTemplates?$select=id,displayName");
  expect(roles.map(({ displayName }) => displayName)).toContain("Global Administrator");
});

it.each([
  ["groups", "User.ReadBasic.All"],
  ["users", "Group.ReadBasic.All"],
  ["servicePrincipals", "Group.ReadBasic.All"],
  ["directoryRoleTemplates", "Policy.Read.All"],
])("%s want a permission of their own", async (path, other) => {
  const refused = await (await client(other)).get(`/v1.0/${path}`);
  expect(refused).toMatchObject({ status: 403, body: { error: { code: "Authorization_RequestDenied" } } });
});

it("lets groups and users be when a tenant drifts", () => {
  const { changed } = tenant().drift({ change: 400 });
  const names = /^(groups|users|servicePrincipals|directoryRoleTemplates)$/;
  expect(changed.filter(({ collection }) => names.test(collection))).toEqual([]);
  expect(tenant().drift({ remove: 1, collection: "groups" }).removed).toHaveLength(1);
});

it("searches groups by the words of their names, for those only who take its index as it is", async () => {
  const reader = await client("Group.ReadBasic.All");
  const [plain, joined, other] = ["Kiel Finance-Pilots 7", "SGFinanceKiel", "Refinance Kiel"].map(
    (displayName, n) => {
      const id = `${n}ccccccc-3333-4333-8333-333333333333`;
      tenant().put("groups", { "@odata.type": "#microsoft.graph.group", id, displayName });
      return id;
    },
  );
  const search = async (text: string, eventual = true) => {
    const headers: Record<string, string> = eventual ? { ConsistencyLevel: "eventual" } : {};
    const path = `/v1.0/groups?$search=${encodeURIComponent(text)}&$select=id&$top=20`;
    const response = await reader.fetch(path, { headers });
    const body = (await response.json()) as { value?: { id: string }[]; error?: { code: string } };
    return { status: response.status, ids: body.value?.map(({ id }) => id).sort(), code: body.error?.code };
  };
  const found = await search('"displayName:finan kiel"');
  expect(found.ids).toEqual([plain, joined]);
  expect(found.ids).not.toContain(other);
  expect((await search('"displayName:kiel 7"')).ids).toEqual([plain]);
  expect(await search('"displayName:kiel"', false)).toMatchObject({
    status: 400,
    code: "Request_UnsupportedQuery",
  });
  expect((await search("displayName:kiel")).status).toBe(400);
});
