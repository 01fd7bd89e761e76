import { AppError } from "#lib/errors";
import { malformed, notFound } from "#lib/http/problem";
import { unstorablePath } from "#lib/storable-text";

/** What next-auth answers, by method; `_log`, by which anybody could write into the log, is not among it. */
const answered: Record<string, readonly string[]> = {
  GET: ["csrf", "session", "providers", "signin", "signout", "error", "callback"],
  POST: ["signin", "signout", "callback"],
};

/**
 * Refuses a request that next-auth cannot read, and would answer with a 500.
 * @param segments of the path below /api/auth
 * @throws AppError NOT_FOUND, METHOD_NOT_ALLOWED, MALFORMED_REQUEST
 */
export async function requireReadable(request: Request, segments: readonly string[]): Promise<void> {
  const [action = "", provider, ...more] = segments;
  if (!answered[request.method]?.includes(action) || more.length > 0) throw notFound();
  if (request.method === "GET" && action === "callback" && provider === "credentials")
    throw new AppError("METHOD_NOT_ALLOWED", "Signing in with a password is a POST.");
  requireAddress(new URL(request.url).searchParams.get("callbackUrl"));
  for (const value of callbackCookies(request.headers.get("cookie"))) requireAddress(value);
  if (request.method === "POST") requireFields(await readFields(request.clone()));
}

async function readFields(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  const text = await request.text();
  if (type.includes("application/x-www-form-urlencoded"))
    return Object.fromEntries(new URLSearchParams(text));
  if (!type.includes("application/json")) return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed("The body is not JSON.");
  }
}

function requireFields(fields: unknown): void {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    throw malformed("The body is not an object of fields.");
  for (const [name, value] of Object.entries(fields))
    if (!["string", "boolean"].includes(typeof value)) throw malformed(`${name.slice(0, 60)} is not a text.`);
  if (unstorablePath(fields) !== null)
    throw malformed("The body contains a character that no text can have (NUL or half a surrogate pair).");
  if ("callbackUrl" in fields) requireAddress(String(fields.callbackUrl));
}

/** Where to go afterwards: a path of ours, or an address. next-auth itself goes to no other site. */
function requireAddress(address: string | null | undefined): void {
  if (!address) return;
  const url = URL.parse(address, address.startsWith("/") ? "http://tenantpilot.invalid" : undefined);
  if (!url || !/^https?:$/.test(url.protocol))
    throw malformed("callbackUrl is no address to go to: neither a path nor one that begins with https://.");
}

/** The values of next-auth's cookie of where to go, under whichever name. */
function callbackCookies(header: string | null): string[] {
  return (header ?? "").split(";").flatMap((pair) => {
    const [, value] = /^\s*(?:__(?:Secure|Host)-)?next-auth\.callback-url=(.*?)\s*$/s.exec(pair) ?? [];
    if (value === undefined) return [];
    try {
      return [decodeURIComponent(value)];
    } catch {
      return [value];
    }
  });
}
