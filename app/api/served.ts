import { type DescribedEndpoint, endpointsOf } from "#lib/http/route";
import { tags } from "#lib/http-binding";
import { routes } from "./generated/routes.ts";
import { docs, openApi } from "./self-description.ts";

/** Every endpoint of the API, for its own description: by chapter, then by path. */
export async function served(): Promise<DescribedEndpoint[]> {
  const made = await Promise.all(routes.map((load) => load()));
  const ours = [docs, openApi].map((description) => ({ method: "GET" as const, description }));
  const chapters = Object.keys(tags);
  return [...made.flatMap(endpointsOf), ...ours].sort((a, b) => {
    const [one, other] = [a.description, b.description];
    return chapters.indexOf(one.tag) - chapters.indexOf(other.tag) || (one.path < other.path ? -1 : 1);
  });
}
