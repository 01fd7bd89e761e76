import { BlockList, isIP } from "node:net";

/**
 * Reads a list of proxies: addresses or networks with commas between; `none` for no proxy at all.
 * @throws Error that names what is neither
 */
export function parseProxies(list: string): BlockList {
  const proxies = new BlockList();
  if (list.trim() === "none") return proxies;
  for (const entry of list.split(",").map((part) => part.trim())) {
    const [address = "", prefix] = entry.split("/");
    const family = isIP(address) === 4 ? "ipv4" : "ipv6";
    const bits = Number(prefix ?? (family === "ipv4" ? 32 : 128));
    if (
      !isIP(address) ||
      prefix === "" ||
      !Number.isInteger(bits) ||
      bits < 0 ||
      bits > (family === "ipv4" ? 32 : 128)
    )
      throw new Error(`"${entry}" is neither an IP address nor a network such as 10.0.0.0/8`);
    proxies.addSubnet(address, bits, family);
  }
  return proxies;
}
