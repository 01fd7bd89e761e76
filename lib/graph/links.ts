import { GraphError } from "./errors.ts";

export type GraphVersion = "v1.0" | "beta";

/** An address below Graph's base URL. */
export interface GraphAddress {
  version: GraphVersion;
  /** Path and query without version and leading slash. */
  path: string;
}

/**
 * The address that an `@odata.nextLink` points to. The token must never follow a link to another host.
 * @throws GraphError INCOMPLETE_CAPTURE when the link leaves the connection's Graph
 */
export function addressOfLink(link: string, graphUrl: string, what: string): GraphAddress {
  const base = new URL(graphUrl);
  const url = URL.parse(link);
  const prefix = base.pathname.replace(/\/+$/, "");
  const match = url && /^\/(v1\.0|beta)\/(.+)$/.exec(url.pathname.slice(prefix.length));
  if (
    !url ||
    url.origin !== base.origin ||
    url.username ||
    !url.pathname.startsWith(`${prefix}/`) ||
    !match
  ) {
    throw new GraphError(
      "INCOMPLETE_CAPTURE",
      `Graph's next page of ${what} points away from ${base.host}; it was not followed.`,
    );
  }
  return { version: match[1] as GraphVersion, path: `${match[2]}${url.search}` };
}

/**
 * The path without query and ids, to speak of and to count by: `deviceManagement/intents/{id}/categories`. Casts stay:
 * `…/deviceConfigurations/{id}/microsoft.graph.iosVpnConfiguration/identityCertificate`.
 */
export function templateOf(path: string): string {
  const segments = (path.split("?")[0] ?? "").split("/");
  let position = -depthOf(segments);
  return segments
    .map((segment) => {
      if (segment.startsWith("microsoft.graph.")) return segment;
      const isId = position >= 0 && position % 2 === 0;
      position += 1;
      return isId ? "{id}" : segment;
    })
    .join("/");
}

/** How many segments come before the first id. */
function depthOf([root, service]: readonly string[]): number {
  if (root === "organization") return 1;
  return root === "identity" || root === "roleManagement" || service === "virtualEndpoint" ? 3 : 2;
}
