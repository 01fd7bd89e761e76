import { env } from "#lib/env";
import { AppError } from "#lib/errors";
import { isFromOwnPages } from "./own-origin.ts";

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses a request that changes something with a browser's session cookie, unless the browser says that one of
 * our own pages sent it: `Sec-Fetch-Site`, or in older browsers `Origin`. A bearer token needs no such proof,
 * because no browser sends one by itself.
 * @throws AppError CROSS_SITE_REQUEST
 */
export function requireSameOrigin(request: Request): void {
  if (safeMethods.has(request.method)) return;
  const { headers } = request;
  const sender = { site: headers.get("sec-fetch-site"), origin: headers.get("origin") };
  if (isFromOwnPages(sender, env().NEXTAUTH_URL, headers.get("host") ?? new URL(request.url).host)) return;
  throw new AppError(
    "CROSS_SITE_REQUEST",
    "A request with a session cookie must come from TenantPilot's own pages. Scripts use an API token instead.",
  );
}
