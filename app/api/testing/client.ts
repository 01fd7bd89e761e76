import { glob } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type Role, roles } from "#lib/access/permissions";
import type { Endpoint } from "#lib/http/endpoint";
import type { Route } from "#lib/http/route";
import { problem } from "#lib/http/schemas";
import type { Method } from "#lib/http-binding";
import { provisionToken } from "#lib/members/provision-tenant";
import type { TestTenant } from "#lib/testing/tenants";
import { sealSession, sessionCookie, startSession } from "../../session-cookie.ts";

const apiFolder = fileURLToPath(new URL("..", import.meta.url));
export const origin = "http://localhost:3000";

interface FoundRoute {
  folder: string;
  segments: string[];
  route: Route;
}

/** Every route file below app/api but next-auth's own, by its folder. */
export const routes: Promise<FoundRoute[]> = (async () => {
  const found: FoundRoute[] = [];
  for await (const file of glob("**/route.ts", {
    cwd: apiFolder,
    exclude: (path) => path.includes("auth/"),
  })) {
    const folder = file.replaceAll("\\", "/").replace(/\/?route\.ts$/, "");
    found.push({
      folder,
      segments: folder.split("/"),
      route: (await import(`${apiFolder}${file}`)) as Route,
    });
  }
  return found;
})();

export interface RequestOptions {
  /** A bearer token. */
  token?: string | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  rawBody?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed JSON, or null when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: what a client sees; tests look into it
  json: any;
  text: string;
}

/**
 * Sends a request to the route handler that Next.js would choose, and holds what comes back against what the
 * OpenAPI document promises: every answer parses with its strict schema, every error is a problem document.
 * @param path below /api, with the query
 */
export async function api(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { response, endpoint } = await send(method, path, options);
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  const json = type.includes("json") && text ? JSON.parse(text) : null;
  expect(response.headers.get("x-request-id"), "X-Request-Id").toMatch(/^[0-9a-f-]{36}$/);
  if (response.ok) {
    expect(response.status).toBe(endpoint?.description.answer.status);
    if (response.status === 204) expect(text).toBe("");
    endpoint?.description.answer.schema?.parse(json);
  } else if (response.status === 304) {
    expect(text).toBe("");
  } else {
    expect(type).toBe("application/problem+json");
    problem.parse(json);
    expect(json.status).toBe(response.status);
    expect(json.request_id).toBe(response.headers.get("x-request-id"));
  }
  return { status: response.status, headers: response.headers, json, text };
}

/** Sends a request and hands over the answer unread, for streams. */
export async function send(
  method: string,
  path: string,
  { token, body, rawBody, headers, signal }: RequestOptions = {},
): Promise<{ response: Response; endpoint: Endpoint | null }> {
  const url = new URL(`/api${path}`, origin);
  const { route, params } = match(
    await routes,
    url.pathname.slice("/api/".length).split("/").map(decodeURIComponent),
  );
  const handler = route[(method === "HEAD" ? "GET" : method) as Method];
  const init: RequestInit & { duplex?: "half" } = {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(signal ? { signal } : {}),
  };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (rawBody !== undefined) Object.assign(init, { body: rawBody, duplex: "half" });
  const response = await handler(new Request(url, init), { params: Promise.resolve(params) });
  return { response, endpoint: "description" in handler ? (handler as Endpoint) : null };
}

/** As Next.js matches: a fixed segment goes before a parameter, a catch-all comes last. */
function match(
  found: readonly FoundRoute[],
  path: readonly string[],
): { route: Route; params: Record<string, string> } {
  const fitting = found.filter(
    ({ segments }) =>
      segments.length === path.length &&
      segments.every((segment, i) => segment === path[i] || /^\[\w+\]$/.test(segment)),
  );
  const fixed = ({ segments }: FoundRoute) =>
    segments.map((segment) => (segment.startsWith("[") ? "1" : "0")).join("");
  const best =
    fitting.sort((a, b) => (fixed(a) < fixed(b) ? -1 : 1))[0] ??
    found.find(({ folder }) => folder === "[[...path]]");
  if (!best) throw new Error("There is no catch-all route");
  const params = best.segments.flatMap((segment, i) => {
    const name = /^\[(\w+)\]$/.exec(segment)?.[1];
    return name ? [[name, path[i] ?? ""]] : [];
  });
  return { route: best.route, params: Object.fromEntries(params) };
}

/** A token of every role in a tenant. */
export async function tokensOf(tenant: TestTenant): Promise<Record<Role, string>> {
  const entries = await Promise.all(
    roles.map(async (role) => [role, await provisionToken(tenant.id, role, role)]),
  );
  return Object.fromEntries(entries);
}

/** The headers that a browser sends from one of our own pages when this user is signed in. */
export async function browserHeaders(actor: { user_id: number }): Promise<Record<string, string>> {
  const session = await startSession({ id: actor.user_id, session_version: 1 }, new Headers());
  const cookie = await sealSession(session);
  return {
    Cookie: `theme=dark; ${sessionCookie().name}=${cookie}`,
    "Sec-Fetch-Site": "same-origin",
    Origin: origin,
  };
}

/** The path and query that a `Link` header calls the next page, below /api; null on the last page. */
export function nextPage(answer: Answer): string | null {
  return /^<\/api([^>]+)>; rel="next"$/.exec(answer.headers.get("link") ?? "")?.[1] ?? null;
}
