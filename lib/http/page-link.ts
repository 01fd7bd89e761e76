/**
 * The `Link` header (RFC 8288) that leads to a list's next page: the same request with another cursor. The path is
 * without a host, since a proxy may have changed that.
 */
export function nextPageLink(url: string, cursor: string): string {
  const next = new URL(url);
  next.searchParams.set("cursor", cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}
