import { expect, test } from "vitest";
import { availableClouds, clouds, endpointsOf } from "./clouds.ts";

const sandbox = { GRAPH_SANDBOX_URL: "http://127.0.0.1:1/", GRAPH_SANDBOX_LOGIN_URL: "https://localhost:2" };

test("every cloud has https endpoints of its own", () => {
  const hosts = availableClouds({}).map((cloud) => endpointsOf(cloud, {}).graphUrl);
  expect(new Set(hosts).size).toBe(4);
  for (const cloud of availableClouds({})) {
    for (const url of Object.values(endpointsOf(cloud, {}))) expect(url).toMatch(/^https:\/\/[a-z.-]+$/);
  }
});

// Microsoft, "National cloud deployments".
test.each([
  ["global", "login.microsoftonline.com", "graph.microsoft.com"],
  ["usgov_l4", "login.microsoftonline.us", "graph.microsoft.us"],
  ["usgov_dod", "login.microsoftonline.us", "dod-graph.microsoft.us"],
  ["china", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"],
] as const)("%s signs in at %s and reads %s", (cloud, login, graph) => {
  expect(endpointsOf(cloud, sandbox)).toEqual({ loginUrl: `https://${login}`, graphUrl: `https://${graph}` });
});

test("the sandbox is there only where one runs", () => {
  expect(availableClouds({})).not.toContain("sandbox");
  expect(() => endpointsOf("sandbox", { GRAPH_SANDBOX_URL: "http://127.0.0.1:1" })).toThrow(
    /none is running/,
  );
  expect(availableClouds(sandbox)).toEqual([...clouds]);
  expect(endpointsOf("sandbox", sandbox)).toEqual({
    graphUrl: "http://127.0.0.1:1",
    loginUrl: "https://localhost:2",
  });
});
