import { BlockList, isIP } from "node:net";

/**
 * IPv4 networks that lead to no public host (IANA IPv4 Special-Purpose Address Registry, RFC 6890), multicast and the
 * reserved rest, and the address at which Azure answers every machine inside of it (168.63.129.16).
 */
const notPublic = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  notPublic.addSubnet(network, prefix, "ipv4");

/** Of IPv6 the one network that is given out (RFC 4291), less what of it is special, or has an IPv4 address inside. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");
const specialUnicast = new BlockList();
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
] as const)
  specialUnicast.addSubnet(network, prefix, "ipv6");

/**
 * Whether an alert may go to an address: a public one, or one of the networks that whoever runs the service allows.
 * @param address an IP address; what is none may not be reached
 * @param allowed networks in CIDR notation
 */
export function mayReach(address: string, allowed: readonly string[]): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  if (isAllowed(address, allowed)) return true;
  if (family === 4) return !notPublic.check(address, "ipv4");
  return globalUnicast.check(address, "ipv6") && !specialUnicast.check(address, "ipv6");
}

function isAllowed(address: string, networks: readonly string[]): boolean {
  const family = isIP(address) === 4 ? "ipv4" : "ipv6";
  return networks.some((network) => {
    const [base = "", prefix = ""] = network.split("/");
    if ((isIP(base) === 4 ? "ipv4" : "ipv6") !== family) return false;
    const list = new BlockList();
    list.addSubnet(base, Number(prefix), family);
    return list.check(address, family);
  });
}
