import { expect, test } from "vitest";
import { holdAgainstTypings, type Lacking } from "#lib/testing/catalog-oracle";
import { catalog } from "./catalog.ts";
import type { PolicyType } from "./policy-type.ts";

/** What Microsoft's typings lack, and why the catalog asks for it all the same. */
const lacking: Readonly<Record<string, Lacking>> = {
  "deviceManagement/inventoryPolicies": {
    why: "Newer than the typings, and in no metadata: the Intune portal and its exporters read it.",
    type: null,
  },
};

/** Types that a collection lists and another one's entry captures. */
const captured = {
  "deviceAppManagement/managedAppPolicies": ["targetedManagedAppConfiguration"],
};

const named = (key: string) => catalog.filter((type) => type.key === key);
const changed = (key: string, change: Partial<PolicyType>) =>
  holdAgainstTypings(
    named(key).map((type) => ({ ...type, ...change })),
    lacking,
    captured,
  ).faults;

test("every name that the catalog asks for is Microsoft's, and nothing of beta is lost without a reason", () => {
  const { faults, compared } = holdAgainstTypings(catalog, lacking, captured);
  console.info("Compared with Microsoft's typings:", compared);
  expect(faults).toEqual([]);
  expect(compared.types).toBe(catalog.length);
  expect(compared.derivedTypes).toBeGreaterThan(200);
  expect(compared.names).toBeGreaterThan(200);
});

test.each<[string, Partial<PolicyType>, RegExp]>([
  ["mobileApp", { version: "v1.0" }, /loses .*mobileApp\.isAssigned.*winGetApp/],
  ["deviceConfiguration", { version: "v1.0" }, /loses .*roleScopeTagIds.*iosScepCertificateProfile/],
  ["deviceEnrollmentNotificationConfiguration", { version: "v1.0" }, /no type below/],
  [
    "authorizationPolicy",
    { versionReason: null },
    /loses 2 of beta: authorizationPolicy\.enabledPreviewFeatures/,
  ],
  ["settingsCatalogPolicy", { path: "deviceManagement/configurationPolicy" }, /beta has no/],
  ["settingsCatalogPolicy", { single: true }, /is a collection/],
  ["settingsCatalogPolicy", { listExpand: "assignment" }, /has none/],
  ["settingsCatalogPolicy", { listExpand: "templateReference" }, /no navigation property/],
  ["settingsCatalogPolicy", { volatile: ["lastSeen"] }, /no deviceManagementConfigurationPolicy has it/],
  ["settingsCatalogPolicy", { selectOnly: ["setting"] }, /selectOnly setting/],
  ["settingsCatalogPolicy", { children: [{ key: "settings", announcedBy: "count" }] }, /announcedBy count/],
  ["deviceConfiguration", { children: [{ key: "rootCertificate", shape: "object" }] }, /has none/],
  [
    "deviceConfiguration",
    { children: [{ key: "assignments", of: ["mobileApp"] }] },
    /is no deviceConfiguration/,
  ],
  ["mobileApp", { idProperty: "tenantId" }, /id property tenantId/],
  [
    "mobileApp",
    { listQuery: "$filter=microsoft.graph.webApp/appAvailability eq null" },
    /query appAvailability/,
  ],
  [
    "mobileApp",
    { children: [{ key: "relationships", whenPositive: ["childCount"] }] },
    /whenPositive childCount/,
  ],
  [
    "appProtectionPolicy",
    { typed: { webApp: { path: "deviceAppManagement/mobileApps", children: [] } } },
    /is no/,
  ],
])("would report %s with %j", (key, change, fault) => {
  expect(changed(key, change).join("\n")).toMatch(fault);
});

test("a type that no entry captures is told", () => {
  const rings = named("windowsUpdateRing");
  const { faults } = holdAgainstTypings(rings, lacking, captured);
  expect(faults).toContain("windowsUpdateRing: iosWiFiConfiguration is captured by none of them");
});
