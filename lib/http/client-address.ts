import { type BlockList, isIP } from "node:net";

/** The header by which the web server tells the application who the client is. What a client sends in it is dropped. */
export const clientAddressHeader = "x-tenantpilot-client";

/**
 * The address of the client that sent a request. `X-Forwarded-For` is believed as far as trusted proxies wrote it: from
 * the right, up to and including the first address that is none of theirs.
 * @param peer the other end of the connection
 * @param forwardedFor the header, as it came
 * @param trusted the proxies; null when nobody said whether there are any
 * @returns null when it cannot be known: a proxy seems to be in between, and it is not known to be one
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: BlockList | null,
): string | null {
  let client = plain(peer ?? "");
  if (!isIP(client)) return null;
  if (!trusted) return forwardedFor === undefined ? client : null;
  const hops = forwardedFor?.split(",").map((hop) => plain(hop.trim())) ?? [];
  while (isIn(trusted, client)) {
    const hop = hops.pop();
    if (hop === undefined) break;
    if (!isIP(hop)) return null;
    client = hop;
  }
  return client;
}

/** The client of a request that came through the web server; null when it is not known. */
export function clientOf(headers: Pick<Headers, "get">): string | null {
  const address = headers.get(clientAddressHeader) ?? "";
  return isIP(address) ? address : null;
}

/** Whether the other end of a connection is a proxy whose headers are believed. */
export function isTrustedProxy(peer: string | undefined, trusted: BlockList | null): boolean {
  const address = plain(peer ?? "");
  return trusted !== null && isIP(address) !== 0 && isIn(trusted, address);
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

/** Without brackets, a zone, or the IPv6 around an IPv4 address. */
function plain(address: string): string {
  return address
    .replace(/^\[|\]$/g, "")
    .replace(/%.*$/, "")
    .replace(/^::ffff:(?=\d+\.)/i, "");
}
