import { searchOf, skipToken } from "./odata-query.ts";

/** The absolute URL of a request's next page, which begins at `position`; `encoded` as of the services whose continuations are. It stays on the caller's origin. */
export function nextLink(
  request: { parameters: URLSearchParams; path: string; version: string; origin: string },
  position: number,
  encoded = false,
): string {
  const options = [...request.parameters].filter(([name]) => !/^\$?skip(token)?$/i.test(name));
  const query = searchOf([...options, ["$skiptoken", skipToken(position, encoded)]]);
  const path = request.path.split("/").map(encodeURIComponent).join("/");
  return `${request.origin}/${request.version}/${path}?${query}`;
}
