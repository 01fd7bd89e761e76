import { afterEach, beforeEach, expect, test } from "vitest";
import { createGraphClient } from "#lib/graph/client";
import {
  type GraphTestServer,
  type Reply,
  startGraphTestServer,
  testTuning,
} from "#lib/testing/graph-server";
import type { References } from "./collect.ts";
import { resolveNames } from "./resolve.ts";

let server: GraphTestServer;
beforeEach(async () => {
  server = await startGraphTestServer();
  server.roles = [
    "Group.ReadBasic.All",
    "User.ReadBasic.All",
    "Application.Read.All",
    "RoleManagement.Read.Directory",
    "DeviceManagementApps.Read.All",
    "DeviceManagementConfiguration.Read.All",
  ];
});
afterEach(() => server[Symbol.asyncDispose]());

const id = (n: number) => `${String(n).padStart(8, "0")}-1111-4111-8111-111111111111`;
const ids = (count: number) => Array.from({ length: count }, (_, n) => id(n));
const resolve = (references: References, signal = new AbortController().signal) =>
  resolveNames(createGraphClient(server.connection, { signal, tuning: testTuning() }), references);

/** Answers as Graph does: those of the list that there are. */
function answerLists(exists: (id: string) => boolean) {
  server.reply(({ path }) => {
    const asked = [...decodeURIComponent(path).matchAll(/'([^']+)'/g)].flatMap(([, each]) => each ?? []);
    return {
      body: { value: asked.filter(exists).map((each) => ({ id: each, displayName: `Name of ${each}` })) },
    };
  });
}

test("three hundred groups cost one request; what is not there is gone", async () => {
  answerLists((each) => each !== id(17));
  const { names, unresolved } = await resolve({ group: ids(300) });
  expect(unresolved).toEqual({});
  expect(Object.keys(names.group ?? {})).toHaveLength(300);
  expect(names.group?.[id(16)]).toEqual({ name: `Name of ${id(16)}` });
  expect(names.group?.[id(17)]).toEqual({ name: null });
  expect(server.batches).toEqual([20]);
  expect(server.requests.every(({ path }) => path.startsWith("groups?$filter="))).toBe(true);
});

test("a membership rule is asked for only by those who may read it", async () => {
  server.reply(({ path }) => ({
    body: {
      value: [
        {
          id: id(1),
          displayName: "Sales",
          ...(path.includes("membershipRule") ? { membershipRule: "(user.department -eq 1)" } : {}),
        },
      ],
    },
  }));
  expect((await resolve({ group: [id(1)] })).names.group?.[id(1)]).toEqual({ name: "Sales" });
  server.roles = ["Group.Read.All"];
  expect((await resolve({ group: [id(1)] })).names.group?.[id(1)]).toEqual({
    name: "Sales",
    rule: "(user.department -eq 1)",
  });
});

test("without the permission nothing is asked, and that is the reason", async () => {
  server.roles = ["User.ReadBasic.All"];
  answerLists(() => true);
  const { names, unresolved } = await resolve({ group: [id(1)], user: [id(2)] });
  expect(unresolved).toEqual({ group: "PERMISSION_MISSING" });
  expect(names.group).toBeUndefined();
  expect(names.user?.[id(2)]?.name).toBe(`Name of ${id(2)}`);
  expect(server.requests).toHaveLength(1);
});

test("Microsoft's own applications have their names without asking, and where the tenant lacks them", async () => {
  const exchange = "00000002-0000-0ff1-ce00-000000000000";
  server.roles = [];
  expect(await resolve({ application: [exchange] })).toEqual({
    names: { application: { [exchange]: { name: "Office 365 Exchange Online" } } },
    unresolved: {},
  });
  server.roles = ["Application.Read.All"];
  server.reply(() => ({ body: { value: [{ appId: id(1), displayName: "Ours" }] } }));
  const { names } = await resolve({ application: [exchange, id(1), id(2)] });
  expect(names.application).toEqual({
    [exchange]: { name: "Office 365 Exchange Online" },
    [id(1)]: { name: "Ours" },
    [id(2)]: { name: null },
  });
});

test("an object of which only the id may be read is not gone", async () => {
  server.reply(() => ({ body: { value: [{ id: id(1), displayName: null }] } }));
  expect(await resolve({ group: [id(1), id(2)] })).toEqual({
    names: { group: { [id(2)]: { name: null } } },
    unresolved: { group: "PERMISSION_MISSING" },
  });
});

test("somebody with a role may be a user, a group or an app; gone is who is none of them", async () => {
  server.reply(({ path }) => {
    const one = { groups: id(1), users: id(2), servicePrincipals: id(3) }[path.split("?")[0] ?? ""];
    return { body: { value: [{ id: one, displayName: path.split("?")[0] }] } };
  });
  expect(await resolve({ principal: [id(1), id(2), id(3), id(4)] })).toEqual({
    names: {
      principal: {
        [id(1)]: { name: "groups" },
        [id(2)]: { name: "users" },
        [id(3)]: { name: "servicePrincipals" },
        [id(4)]: { name: null },
      },
    },
    unresolved: {},
  });
  server.roles = ["Group.ReadBasic.All"];
  expect(await resolve({ principal: [id(1), id(4)] })).toEqual({
    names: { principal: { [id(1)]: { name: "groups" } } },
    unresolved: { principal: "PERMISSION_MISSING" },
  });
});

test("a role of the tenant's own is no template, and not gone", async () => {
  const own = (answer: Reply) =>
    server.reply(({ path }) =>
      path.startsWith("directoryRoleTemplates")
        ? { body: { value: [{ id: id(1), displayName: "Global Administrator" }] } }
        : answer,
    );
  own({ body: { value: [{ id: id(2), displayName: "Our helpdesk" }] } });
  expect((await resolve({ directoryRole: [id(1), id(2), id(3)] })).names.directoryRole).toEqual({
    [id(1)]: { name: "Global Administrator" },
    [id(2)]: { name: "Our helpdesk" },
    [id(3)]: { name: null },
  });
  own({ status: 403 });
  expect(await resolve({ directoryRole: [id(1), id(2)] })).toEqual({
    names: { directoryRole: { [id(1)]: { name: "Global Administrator" } } },
    unresolved: { directoryRole: "PERMISSION_MISSING" },
  });
});

test("roles are one list, filters another, apps come one by one", async () => {
  server.reply(({ path }) => {
    if (path.startsWith("directoryRoleTemplates")) {
      return { body: { value: [{ id: id(1), displayName: "Global Administrator" }] } };
    }
    if (path.startsWith("roleManagement")) return { body: { value: [] } };
    if (path.startsWith("deviceManagement/assignmentFilters")) {
      return { body: { value: [{ id: id(2), displayName: "Corporate" }] } };
    }
    return path.includes(id(3)) ? { body: { id: id(3), displayName: "Company Portal" } } : { status: 404 };
  });
  const { names, unresolved } = await resolve({
    directoryRole: [id(1), id(9)],
    assignmentFilter: [id(2)],
    mobileApp: [id(3), id(4)],
    policy: ["t_1"],
  });
  expect(names).toEqual({
    directoryRole: { [id(1)]: { name: "Global Administrator" }, [id(9)]: { name: null } },
    assignmentFilter: { [id(2)]: { name: "Corporate" } },
    mobileApp: { [id(3)]: { name: "Company Portal" }, [id(4)]: { name: null } },
  });
  expect(unresolved).toEqual({ policy: "NOT_CAPTURED" });
});

test.each([
  [403, "PERMISSION_MISSING"],
  [400, "TYPE_UNAVAILABLE"],
  [429, "GRAPH_THROTTLE"],
  [500, "GRAPH_UNAVAILABLE"],
])("Graph's %s leaves ids without names, nobody is said to be gone", async (status, reason) => {
  server.reply(({ path }) =>
    path.startsWith("users")
      ? { body: { value: [] } }
      : { status, body: { error: { code: "x", message: "no" } } },
  );
  const { names, unresolved } = await resolve({ group: ids(40), user: [id(1)] });
  expect(names.group ?? {}).toEqual({});
  expect(names.user).toEqual({ [id(1)]: { name: null } });
  expect(unresolved).toEqual({ group: reason });
});

test("a client that is stopped says what it had until then", async () => {
  const stop = new AbortController();
  server.reply(({ path }) => {
    if (path.startsWith("users")) return { body: { value: [{ id: id(1), displayName: "Ada" }] } };
    setTimeout(() => stop.abort(), 50);
    return "hang";
  });
  server.replyBatch(() => undefined);
  const { names, unresolved } = await resolve({ user: [id(1)], mobileApp: [id(2)] }, stop.signal);
  expect(names.user).toEqual({ [id(1)]: { name: "Ada" } });
  expect(unresolved).toEqual({ mobileApp: expect.stringMatching(/TIME_LIMIT|GRAPH_UNAVAILABLE/) });
});

test("a sign-in that is refused leaves everything without names", async () => {
  server.replyToken(() => ({
    status: 401,
    body: { error: "invalid_client", error_description: "AADSTS7000222: expired" },
  }));
  expect((await resolve({ group: [id(1)] })).unresolved).toEqual({ group: "AUTH_CONFIG" });
});
