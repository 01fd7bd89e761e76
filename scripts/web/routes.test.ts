import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RouteOf, readRoutes } from "./routes.ts";

let folder: string;
let routeOf: RouteOf;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenantpilot-routes-"));
  // As Next.js writes it.
  const manifest = {
    staticRoutes: [
      { page: "/_not-found", regex: "^/_not\\-found(?:/)?$" },
      { page: "/tenants", regex: "^/tenants(?:/)?$" },
      { page: "/api/ready", regex: "^/api/ready(?:/)?$" },
    ],
    dynamicRoutes: [
      { page: "/api/auth/[...nextauth]", regex: "^/api/auth/(.+?)(?:/)?$" },
      { page: "/api/tenants/[tenantId]/runs", regex: "^/api/tenants/([^/]+?)/runs(?:/)?$" },
      { page: "/tenants/[tenantId]/runs/[runId]", regex: "^/tenants/([^/]+?)/runs/([^/]+?)(?:/)?$" },
      { page: "/api/[[...path]]", regex: "^/api(?:/(.+?))?(?:/)?$" },
    ],
  };
  await writeFile(join(folder, "routes-manifest.json"), JSON.stringify(manifest));
  routeOf = await readRoutes(folder);
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ["GET", "/tenants", "page /tenants"],
  ["GET", "/tenants/7/runs/9", "page /tenants/{tenantId}/runs/{runId}"],
  ["POST", "/tenants/7/runs/9", "action /tenants/{tenantId}/runs/{runId}"],
  ["GET", "/api/ready", "/ready"],
  ["GET", "/api/tenants/7/runs", "/tenants/{tenantId}/runs"],
  ["POST", "/api/auth/callback/credentials", "/auth/callback"],
  ["GET", "/api/auth/whatever-somebody-tries", "/auth/other"],
  ["GET", "/api/whatever/somebody/tries", "/{path}"],
  ["GET", "/_next/static/chunks/1.js", "static"],
  ["GET", "/_not-found", "unknown"],
  ["GET", "/wp-login.php", "unknown"],
])("%s %s is counted as %j", (method, path, route) => {
  expect(routeOf(method, path)).toBe(route);
});
