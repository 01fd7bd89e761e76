import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const pagesOf = z.array(z.object({ page: z.string(), regex: z.string() }));
const manifestSchema = z.object({ staticRoutes: pagesOf, dynamicRoutes: pagesOf });

/** What next-auth does below /api/auth. */
const authActions = new Set(["callback", "csrf", "error", "providers", "session", "signin", "signout"]);

/** As what a request is counted and logged: one of as many words as there are routes, whatever clients send. */
export type RouteOf = (method: string | undefined, path: string) => string;

/**
 * Reads which pages the build has.
 * @param buildFolder Next.js' own, `.next`
 * @returns names routes by their pattern: API routes as their documents do (`/tenants/{tenantId}/runs`), pages and the
 *   actions that are sent to them with a word before it (`page /tenants/{tenantId}/runs`), `/auth/signin`, `static` for
 *   files of the build, `unknown` for what there is not
 */
export async function readRoutes(buildFolder: string): Promise<RouteOf> {
  const text = await readFile(join(buildFolder, "routes-manifest.json"), "utf8");
  const { staticRoutes, dynamicRoutes } = manifestSchema.parse(JSON.parse(text));
  const routes = [...staticRoutes, ...dynamicRoutes]
    .filter(({ page }) => !page.startsWith("/_"))
    .map(({ page, regex }) => ({ pattern: patternOf(page), matches: new RegExp(regex) }));
  return (method, path) => {
    if (path.startsWith("/_next/")) return "static";
    const [, action] = /^\/api\/auth\/([^/]+)/.exec(path) ?? [];
    if (action !== undefined) return `/auth/${authActions.has(action) ? action : "other"}`;
    const pattern = routes.find(({ matches }) => matches.test(path))?.pattern;
    if (pattern === undefined) return "unknown";
    if (pattern.startsWith("/api/")) return pattern.slice("/api".length);
    return `${method === "POST" ? "action" : "page"} ${pattern}`;
  };
}

/** `/tenants/{tenantId}`; every segment of several is one name, too. */
function patternOf(page: string): string {
  return page.replace(/\[+(?:\.\.\.)?(\w+)\]+/g, "{$1}");
}
