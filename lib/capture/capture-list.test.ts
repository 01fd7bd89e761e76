import { afterEach, beforeEach, expect, test } from "vitest";
import { createGraphClient } from "#lib/graph/client";
import { type GraphTestServer, startGraphTestServer, testTuning } from "#lib/testing/graph-server";
import { capture } from "./capture.ts";

let server: GraphTestServer;
beforeEach(async () => {
  server = await startGraphTestServer();
});
afterEach(() => server[Symbol.asyncDispose]());

const FILTERS = "deviceManagement/assignmentFilters";

/** Captures what the server lists as named locations; returns the outcome and the ids, in order of writing. */
async function captureLocations() {
  const signal = new AbortController().signal;
  const client = createGraphClient(server.connection, { signal, tuning: testTuning() });
  const ids: string[] = [];
  const sink = {
    async write(items: { graphId: string }[]) {
      ids.push(...items.map((item) => item.graphId));
    },
    progress() {},
  };
  const [outcome] = await capture(
    client,
    { policyTypes: ["namedLocation"], includeFoundations: false },
    sink,
    signal,
  );
  return { outcome, ids };
}

const page = (ids: string[], more: Record<string, unknown> = {}) => ({
  body: { value: ids.map((id) => ({ id, displayName: id })), ...more },
});
const next = (path: string) => ({ "@odata.nextLink": `${server.connection.graphUrl}/v1.0/${path}` });
const LOCATIONS = "identity/conditionalAccess/namedLocations";

test("an object that Graph lists twice, because pages shift while it lists, is one item", async () => {
  server.reply(({ path }) =>
    path.includes("skip") ? page(["b", "c"]) : page(["a", "b"], next(`${LOCATIONS}?skip=2`)),
  );
  const { outcome, ids } = await captureLocations();
  expect(ids).toEqual(["a", "b", "c"]);
  expect(outcome).toMatchObject({ expected: 3, captured: 3, error_code: null });
});

test("a list shorter than Graph announced is read again, and what it lacked is captured", async () => {
  server.reply((_, nth) => page(nth === 1 ? ["a", "b"] : ["a", "b", "c"], { "@odata.count": 3 }));
  const { outcome, ids } = await captureLocations();
  expect(ids).toEqual(["a", "b", "c"]);
  expect(outcome).toMatchObject({ captured: 3, listed: true, error_code: null });
});

test("a list that stays shorter than announced is incomplete", async () => {
  server.reply(() => page(["a", "b"], { "@odata.count": 3 }));
  const { outcome } = await captureLocations();
  expect(outcome).toMatchObject({ captured: 2, listed: false, error_code: "INCOMPLETE_CAPTURE" });
  expect(outcome?.missing[0]?.reason).toContain("announced 3 objects and listed 2");
});

test("an object without an id is counted as missing", async () => {
  server.reply(() => ({ body: { value: [{ id: "a" }, { displayName: "nameless" }] } }));
  const { outcome, ids } = await captureLocations();
  expect(ids).toEqual(["a"]);
  expect(outcome).toMatchObject({ expected: 2, captured: 1, failed: 1, error_code: "INCOMPLETE_CAPTURE" });
  expect(outcome?.missing).toMatchObject([{ graph_id: null, display_name: "nameless" }]);
});

test.each([2, 3])(
  "an object without an id counts once, where Graph announces %i objects",
  async (announced) => {
    server.reply(() => ({
      body: { "@odata.count": announced, value: [{ id: "a" }, { displayName: "nameless" }] },
    }));
    const { outcome } = await captureLocations();
    expect(outcome).toMatchObject({ expected: 2, captured: 1, failed: 1, listed: announced === 2 });
    expect(outcome?.missing).toHaveLength(announced === 2 ? 1 : 2);
  },
);

test("one that only the second reading of the list has counts too", async () => {
  const nameless = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ displayName: `nameless ${n}` }));
  server.reply((_, nth) => ({
    body: { "@odata.count": 3, value: [{ id: "a" }, ...nameless(nth)] },
  }));
  const { outcome } = await captureLocations();
  expect(outcome).toMatchObject({ expected: 3, captured: 1, failed: 2, listed: true });
});

test.each([
  ["the same twice", "b", { captured: 2, failed: 0, error_code: null }],
  ["two of one id", "c", { captured: 1, failed: 1, error_code: "INCOMPLETE_CAPTURE" }],
])("a page that lists %s, as Graph announced, is a list read to its end", async (_what, name, expected) => {
  let requests = 0;
  server.reply(() => {
    requests += 1;
    const twins = ["b", name].map((displayName) => ({ id: "b", displayName }));
    return { body: { "@odata.count": 3, value: [{ id: "a", displayName: "a" }, ...twins] } };
  });
  const { outcome } = await captureLocations();
  expect(outcome).toMatchObject({ expected: 2, listed: true, ...expected });
  expect(requests).toBe(1);
});

test("where Graph refuses an expansion, the children are read one by one", async () => {
  server.reply(({ path }) => {
    if (path.includes("$expand=assignments")) return { status: 400, body: { error: { code: "BadRequest" } } };
    if (path.endsWith("/assignments")) return page(["assignment"]);
    return page(["ring"]);
  });
  const signal = new AbortController().signal;
  const client = createGraphClient(server.connection, { signal, tuning: testTuning() });
  const documents: unknown[] = [];
  const sink = {
    async write(items: { document: Uint8Array }[]) {
      for (const item of items) documents.push(JSON.parse(new TextDecoder().decode(item.document)));
    },
    progress() {},
  };
  const plan = { policyTypes: ["windowsFeatureUpdateProfile"], includeFoundations: false };
  const [outcome] = await capture(client, plan, sink, signal);
  expect(outcome?.error_code).toBeNull();
  expect(documents).toEqual([
    {
      "@odata.type": "#microsoft.graph.windowsFeatureUpdateProfile",
      id: "ring",
      displayName: "ring",
      assignments: [{ id: "assignment", displayName: "assignment" }],
    },
  ]);
});

test("children that an expansion cuts short are read to their end", async () => {
  server.reply(({ path }) => {
    if (path.includes("skip")) return page(["second"]);
    const rest = `${server.connection.graphUrl}/beta/${FILTERS}/x/assignments?skip=1`;
    return {
      body: { value: [{ id: "x", assignments: [{ id: "first" }], "assignments@odata.nextLink": rest }] },
    };
  });
  const signal = new AbortController().signal;
  const client = createGraphClient(server.connection, { signal, tuning: testTuning() });
  let counted: unknown;
  const sink = {
    async write(items: { children: unknown }[]) {
      counted = items[0]?.children;
    },
    progress() {},
  };
  await capture(
    client,
    { policyTypes: ["windowsFeatureUpdateProfile"], includeFoundations: false },
    sink,
    signal,
  );
  expect(counted).toEqual({ assignments: { announced: null, captured: 2 } });
});
