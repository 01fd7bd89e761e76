import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Whether a host is this machine itself, whatever a name server says: `localhost` and names below it (RFC 6761), and
 * loopback addresses.
 * @param host a name or an address, an IPv6 one with or without its brackets
 */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (/^(.+\.)?localhost\.?$/.test(plain)) return true;
  const family = isIP(plain);
  return family !== 0 && loopback.check(plain, family === 4 ? "ipv4" : "ipv6");
}
