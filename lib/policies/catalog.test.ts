import { expect, test } from "vitest";
import { familyOf } from "#lib/graph/families";
import { catalog, catalogRevision, findType, foundationKeys, policyTypeKeys } from "./catalog.ts";
import { selects } from "./policy-type.ts";

test("keys are unique, and found", () => {
  const keys = [...policyTypeKeys, ...foundationKeys];
  expect(new Set(keys).size).toBe(catalog.length);
  expect(keys).toHaveLength(catalog.length);
  for (const key of keys) expect(findType(key)?.key).toBe(key);
  expect(findType("toString")).toBeUndefined();
});

test("no type is ahead of the revision, and those of the first stay of the first", () => {
  expect(Math.max(...catalog.map((type) => type.since))).toBeLessThanOrEqual(catalogRevision);
  expect(catalog.filter((type) => type.since === 1)).toHaveLength(41);
});

test("is data: survives JSON, so that pages and docs can be made from it", () => {
  expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
});

test("types that share a collection ask for it in the same way, so that one list serves all", () => {
  const shapes = new Map<string, string>();
  for (const type of catalog) {
    const shape = `${type.listQuery} ${type.listExpand} ${type.permission} ${type.single} ${type.idProperty}`;
    const key = `${type.version} ${type.path}`;
    expect(shapes.get(key) ?? shape).toBe(shape);
    shapes.set(key, shape);
    expect(type.family).toBe(familyOf(type.path));
  }
});

const typesOf = (path: string, item: Record<string, unknown>) =>
  catalog.filter((type) => type.path === path && selects(type, item)).map((type) => type.key);

test.each([
  ["none", ["settingsCatalogPolicy"]],
  [null, ["settingsCatalogPolicy"]],
  ["appQuietTime", ["settingsCatalogPolicy"]],
  ["endpointSecurityAntivirus", ["endpointSecurityPolicy"]],
  ["EndpointSecurityFirewall", ["endpointSecurityPolicy"]],
  ["baseline", ["securityBaselinePolicy"]],
])("a configuration policy of template family %s is of type %j", (templateFamily, keys) => {
  const path = "deviceManagement/configurationPolicies";
  expect(typesOf(path, { templateReference: { templateFamily } })).toEqual(keys);
  if (templateFamily === null) expect(typesOf(path, {})).toEqual(keys);
});

test.each([
  ["deviceManagement/deviceConfigurations", "windowsUpdateForBusinessConfiguration", ["windowsUpdateRing"]],
  ["deviceManagement/deviceConfigurations", "windows10CustomConfiguration", ["deviceConfiguration"]],
  ["deviceManagement/deviceConfigurations", "iosUpdateConfiguration", ["deviceConfiguration"]],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "deviceEnrollmentPlatformRestrictionsConfiguration",
    ["enrollmentRestriction"],
  ],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "deviceEnrollmentPlatformRestrictionConfiguration",
    ["enrollmentRestriction"],
  ],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "windows10EnrollmentCompletionPageConfiguration",
    ["windowsEnrollmentStatusPage"],
  ],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "deviceEnrollmentLimitConfiguration",
    ["deviceEnrollmentLimitConfiguration"],
  ],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "deviceEnrollmentNotificationConfiguration",
    ["deviceEnrollmentNotificationConfiguration"],
  ],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "deviceEnrollmentWindowsHelloForBusinessConfiguration",
    ["windowsHelloForBusiness"],
  ],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "deviceComanagementAuthorityConfiguration",
    ["coManagementSettings"],
  ],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "windowsRestoreDeviceEnrollmentConfiguration",
    ["windowsRestore"],
  ],
  [
    "deviceManagement/deviceEnrollmentConfigurations",
    "aKindThatMicrosoftAddsTomorrow",
    ["otherEnrollmentConfiguration"],
  ],
  ["deviceAppManagement/managedAppPolicies", "iosManagedAppProtection", ["appProtectionPolicy"]],
  ["deviceAppManagement/managedAppPolicies", "targetedManagedAppConfiguration", []],
])("of %s, %s is %j", (path, name, keys) => {
  expect(typesOf(path, { "@odata.type": `#microsoft.graph.${name}` })).toEqual(keys);
});
