import { skipToken } from "./odata-query.ts";

/** The absolute URL of a request's next page, which begins at `position`. It stays on the caller's origin. */
export function nextLink(
  request: { parameters: URLSearchParams; path: string; version: string; origin: string },
  position: number,
): string {
  const parameters = new URLSearchParams(request.parameters);
  parameters.delete("$skip");
  parameters.set("$skiptoken", skipToken(position));
  const query = [...parameters].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const path = request.path.split("/").map(encodeURIComponent).join("/");
  return `${request.origin}/${request.version}/${path}?${query}`;
}
