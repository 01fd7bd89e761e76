/** What a browser says of the page that made it send a request. */
export interface Sender {
  /** The header `Sec-Fetch-Site`; older browsers do not send it. */
  site: string | null;
  /** The header `Origin`. */
  origin: string | null;
}

/**
 * Whether a browser says that one of our own pages sent a request; null when it says nothing: then it is no browser.
 * @param publicUrl NEXTAUTH_URL: the address that browsers know the service by
 * @param host the host that the request asks for; the web server lets nothing through that is not for one of the service's names
 */
export function isFromOwnPages(
  { site, origin }: Sender,
  publicUrl: string | undefined,
  host: string | null,
): boolean | null {
  if (site === null && origin === null) return null;
  if (site !== null && site !== "same-origin") return false;
  return origin === null || isOwnOrigin(origin, publicUrl, host);
}

function isOwnOrigin(origin: string, publicUrl: string | undefined, host: string | null): boolean {
  const from = URL.parse(origin);
  const own = URL.parse(publicUrl ?? "");
  if (!from || !own) return false;
  return from.origin === own.origin || (from.protocol === own.protocol && from.host === host);
}
