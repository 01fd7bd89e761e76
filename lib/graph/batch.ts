import { isObject } from "./shape.ts";

/** One answer inside a `$batch` answer; undefined status when Graph left it out. */
export interface BatchPart {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Graph takes 20 requests a batch at most. */
export const BATCH_SIZE = 20;

/**
 * The language in which Graph is asked for names and descriptions: one for all, so that none of them differs by whom or where they were
 * asked for. Without it, Node asks for any.
 */
export const language = { "Accept-Language": "en-US" };

/** The body of a `$batch` request that GETs these addresses (relative to the version, with leading slash). */
export function batchBody(urls: readonly string[]): string {
  return JSON.stringify({
    requests: urls.map((url, index) => ({
      id: String(index),
      method: "GET",
      url,
      headers: { Accept: "application/json", ...language },
    })),
  });
}

/**
 * The parts of a `$batch` answer by the index of their request. Parts come in any order.
 * @returns null when the answer is no batch answer; an entry is undefined when its part is missing or broken
 */
export function batchParts(body: unknown, count: number): (BatchPart | undefined)[] | null {
  if (!isObject(body) || !Array.isArray(body.responses)) return null;
  const parts: (BatchPart | undefined)[] = new Array(count).fill(undefined);
  for (const response of body.responses) {
    if (!isObject(response) || typeof response.id !== "string") continue;
    const index = Number(response.id);
    if (!Number.isInteger(index) || index < 0 || index >= count) continue;
    const { status } = response;
    if (typeof status !== "number") continue;
    parts[index] = { status, headers: lowerCased(response.headers), body: response.body };
  }
  return parts;
}

function lowerCased(headers: unknown): Record<string, string> {
  if (!isObject(headers)) return {};
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
