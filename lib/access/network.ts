import { isIP } from "node:net";

/**
 * The network that an address belongs to, as far as one subscriber's usually reaches: /24 of IPv4, /56 of IPv6
 * (RFC 6177). Whoever has one of its addresses often has all.
 * @param address IPv4, IPv6, or IPv4 inside IPv6 (`::ffff:192.0.2.1`), with or without a zone
 * @returns null when it is no address
 */
export function networkOf(address: string): string | null {
  const plain = address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIP(plain) === 4) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  if (isIP(plain) !== 6) return null;
  // A URL's host is written in one way only: in hexadecimal, with at most one "::".
  const [before = "", after = ""] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split("::");
  const [head, tail] = [before, after].map((part) => (part === "" ? [] : part.split(":")));
  const zeros = Array.from({ length: 8 - (head?.length ?? 0) - (tail?.length ?? 0) }, () => "0");
  const groups = [...(head ?? []), ...zeros, ...(tail ?? [])].map((group) => Number.parseInt(group, 16));
  const network = [...groups.slice(0, 3), (groups[3] ?? 0) & 0xff00];
  return `${network.map((group) => group.toString(16)).join(":")}::/56`;
}
