import { expect, test } from "vitest";
import { catalog } from "#lib/policies/catalog";
import { missingPermissions } from "#lib/policies/granted";

test("each type is granted by its permission, by the ReadWrite form, and by nothing else", () => {
  for (const type of catalog) {
    const granted = (...roles: string[]) => missingPermissions(roles, [type.key])[0]?.granted;
    expect(granted(type.permission)).toBe(true);
    expect(granted(type.permission.replace(".Read.", ".ReadWrite."))).toBe(true);
    expect(granted("User.Read.All", "DeviceManagementManagedDevices.PrivilegedOperations.All")).toBe(false);
    expect(granted()).toBe(false);
  }
});

test("scripts need their own permission", () => {
  const scripts = catalog.filter((type) => /script/i.test(type.key)).map((type) => type.key);
  expect(scripts).toHaveLength(5);
  const checks = missingPermissions(["DeviceManagementConfiguration.ReadWrite.All"], scripts);
  expect(checks.map((check) => [check.granted, check.permission])).toEqual(
    scripts.map(() => [false, "DeviceManagementScripts.Read.All"]),
  );
});

test("unknown keys are left out", () => {
  expect(missingPermissions([], ["nonsense"])).toEqual([]);
});
