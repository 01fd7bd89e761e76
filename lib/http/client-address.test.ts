import { describe, expect, test } from "vitest";
import { parseProxies } from "../trusted-proxies.ts";
import { clientAddress, clientAddressHeader, clientOf } from "./client-address.ts";

const proxy = "10.0.0.1";
const trusted = parseProxies("10.0.0.0/8, fd00::/8,127.0.0.1");

describe("the client's address", () => {
  test.each([
    ["a client that connects directly", "192.0.2.1", undefined, "192.0.2.1"],
    ["behind a proxy", proxy, "192.0.2.1", "192.0.2.1"],
    ["behind two", proxy, "192.0.2.1, 10.2.3.4", "192.0.2.1"],
    ["behind a proxy on IPv6", "fd00::1", "2001:db8::1", "2001:db8::1"],
    ["behind one that writes IPv4 as IPv6", "::ffff:10.0.0.1", "::ffff:192.0.2.1", "192.0.2.1"],
    ["that writes the header itself", "192.0.2.1", "198.51.100.1", "192.0.2.1"],
    ["that writes it in front of the proxy", proxy, "127.0.0.1, 198.51.100.1, 192.0.2.1", "192.0.2.1"],
    ["of a proxy that asks for itself", proxy, undefined, proxy],
    ["of a proxy that writes no address", proxy, "192.0.2.1, unknown", null],
  ])("%s", (_what, peer, forwardedFor, client) => {
    expect(clientAddress(peer, forwardedFor, trusted)).toBe(client);
  });

  test("is not guessed when nobody said which proxies there are", () => {
    expect(clientAddress("192.0.2.1", undefined, null)).toBe("192.0.2.1");
    expect(clientAddress(proxy, "192.0.2.1", null)).toBeNull();
    expect(clientAddress(proxy, "192.0.2.1", parseProxies("none"))).toBe(proxy);
  });

  test("comes to the application in a header, or not at all", () => {
    expect(clientOf(new Headers({ [clientAddressHeader]: "192.0.2.1" }))).toBe("192.0.2.1");
    expect(clientOf(new Headers({ [clientAddressHeader]: "" }))).toBeNull();
    expect(clientOf(new Headers())).toBeNull();
  });
});

test.each(["proxy.example", "10.0.0.0/33", "10.0.0.0/", "10.0.0.1,,", "fd00::/129"])(
  "%s is no list of proxies",
  (list) => {
    expect(() => parseProxies(list)).toThrow(/neither an IP address nor a network/);
  },
);
