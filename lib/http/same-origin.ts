import { AppError } from "#lib/errors";

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses a request that changes something with a browser's session cookie, unless the browser says that one of
 * our own pages sent it: `Sec-Fetch-Site`, or in older browsers `Origin`. A bearer token needs no such proof,
 * because no browser sends one by itself.
 * @throws AppError CROSS_SITE_REQUEST
 */
export function requireSameOrigin(request: Request): void {
  if (safeMethods.has(request.method)) return;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (site === null ? origin !== null && isOwn(origin, request) : site === "same-origin") return;
  throw new AppError(
    "CROSS_SITE_REQUEST",
    "A request with a session cookie must come from TenantPilot's own pages. Scripts use an API token instead.",
  );
}

function isOwn(origin: string, request: Request): boolean {
  if (!URL.canParse(origin)) return false;
  // A proxy in front of us tells the host that the browser asked for; no other page can set these headers.
  const host =
    request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? new URL(request.url).host;
  return new URL(origin).host === host;
}
