import { describe, expect, test } from "vitest";
import { planOf, requestsOf } from "#lib/testing/planned";
import type { Document } from "./document.ts";
import type { ItemPlan, RestoreInput } from "./plan.ts";
import { blankSecrets } from "./secrets.ts";

const plan = (backup: Document, change: Partial<RestoreInput> = {}, key = "deviceConfiguration") =>
  planOf(key, backup, change);

const asked = (made: ItemPlan) =>
  made.outcome === "blocked" ? made.reasons.map(({ code, path }) => `${code} ${path}`) : made.outcome;

const bodies = (made: ItemPlan): Document[] => requestsOf(made).map(({ body }) => body);

const wifi = (change: Document = {}): Document => ({
  "@odata.type": "#microsoft.graph.iosWiFiConfiguration",
  id: "w",
  displayName: "W",
  wiFiSecurityType: "wpaPersonal",
  preSharedKey: null,
  ...change,
});
const flagged = (change: Document = {}) =>
  wifi({
    "@odata.type": "#microsoft.graph.androidWorkProfileWiFiConfiguration",
    preSharedKeyIsSet: true,
    ...change,
  });
const vpn = (change: Document = {}): Document => ({
  "@odata.type": "#microsoft.graph.iosikEv2VpnConfiguration",
  id: "v",
  displayName: "V",
  authenticationMethod: "sharedSecret",
  sharedSecret: null,
  ...change,
});
const server = (change: Document = {}): Document => ({
  "@odata.type": "#microsoft.graph.iosGeneralDeviceConfiguration",
  id: "s",
  displayName: "S",
  proxy: { host: "a", password: "****" },
  ...change,
});

describe("secrets that Graph withholds, by the names of their properties", () => {
  test.each([
    ["an empty key of Wi-Fi that has one", wifi(), "preSharedKey"],
    [
      "of Windows, too",
      wifi({ wiFiSecurityType: undefined, wifiSecurityType: "wpa2Personal" }),
      "preSharedKey",
    ],
    ["a key that is said to be set", flagged({ wiFiSecurityType: "unknownFutureValue" }), "preSharedKey"],
    [
      "a masked key, whatever the kind",
      wifi({ wiFiSecurityType: "open", preSharedKey: "****" }),
      "preSharedKey",
    ],
    ["a shared secret", vpn(), "sharedSecret"],
    ["what is masked inside", server(), "proxy/password"],
    [
      "what is masked in a list",
      server({ proxy: null, servers: [{ password: "****" }] }),
      "servers/0/password",
    ],
  ])("are asked for where the policy is made or copied: %s", (_, backup, path) => {
    expect(asked(plan(backup))).toEqual([`secret ${path}`]);
    const copied = plan(backup, { live: backup, mode: { kind: "copy", prefix: "[R] " } });
    expect(asked(copied)).toEqual([`secret ${path}`]);
    const given = plan(backup, { secrets: new Map([[path, "plain"]]) });
    expect(given.outcome).toBe("create");
    expect(JSON.stringify(bodies(given)[0])).toContain('"plain"');
    expect(JSON.stringify(bodies(given))).not.toContain("***");
    expect(JSON.stringify(given.changes)).not.toContain("plain");
  });

  test.each([
    ["open Wi-Fi", wifi({ wiFiSecurityType: "open" }), {}],
    ["a key that is said not to be set", flagged({ wiFiSecurityType: "open", preSharedKeyIsSet: false }), {}],
    ["another way to sign in", vpn({ authenticationMethod: "certificate" }), {}],
    ["an empty password", server({ proxy: { password: null } }), {}],
    ["a switch whose name ends so", server({ proxy: null, disableAppPinIfDevicePinIsSet: true }), {}],
    ["text of people", server({ proxy: null, description: "****" }), { description: "****" }],
  ])("are not asked for where nothing says that there is one: %s", (_, backup, body) => {
    // Beside one that is asked for, as nothing else tells that they were looked at.
    const beside = { ...backup, other: { token: 1, password: "****" } };
    expect(asked(plan(beside))).toEqual(["secret other/password"]);
    expect(bodies(plan(backup))[0]).toMatchObject(body);
  });

  test.each([
    ["masked in both", "****", "****"],
    ["masked in the backup", "****", null],
    ["masked in the live one", null, "****"],
  ])("stay as they are in place: %s", (_, old, now) => {
    const backup = server({ proxy: { host: "a", password: old } });
    expect(plan(backup, { live: server({ proxy: { host: "a", password: now } }) }).outcome).toBe("unchanged");
    const live = server({ proxy: { host: "b", password: now } });
    const [patch] = bodies(plan(backup, { live }));
    expect(patch?.proxy).toMatchObject({ host: "a" });
    expect(JSON.stringify(patch)).not.toContain("***");
    const key = plan(wifi({ preSharedKey: old }), { live: wifi({ displayName: "X", preSharedKey: now }) });
    expect(bodies(key)).toEqual([
      { "@odata.type": "#microsoft.graph.iosWiFiConfiguration", displayName: "W" },
    ]);
  });

  test("are asked for in place where the live policy says that it has none, and written where they are given", () => {
    expect(asked(plan(wifi(), { live: wifi({ wiFiSecurityType: "open" }) }))).toEqual([
      "secret preSharedKey",
    ]);
    expect(asked(plan(vpn(), { live: vpn({ authenticationMethod: "certificate" }) }))).toEqual([
      "secret sharedSecret",
    ]);
    const given = plan(wifi(), { live: wifi(), secrets: new Map([["preSharedKey", "plain"]]) });
    expect(bodies(given)).toEqual([
      { "@odata.type": "#microsoft.graph.iosWiFiConfiguration", preSharedKey: "plain" },
    ]);
  });

  test("are blank on both sides where what was written is read back", () => {
    const [backup, live] = blankSecrets(wifi(), wifi({ preSharedKey: "plain" }));
    expect(live).toEqual(backup);
    expect(plan(backup, { live }).outcome).toBe("unchanged");
    const [masked, read] = blankSecrets(server(), server({ proxy: { host: "a", password: null } }));
    expect(read).toEqual(masked);
  });
});
