import { expect, test } from "vitest";
import { catalog } from "#lib/policies/catalog";
import { writingOf } from "#lib/policies/write";
import { writableTypes } from "./writable-types.ts";

const of = (granted: readonly string[], key: string) =>
  writableTypes(granted).find(({ policy_type }) => policy_type === key);

test("a type may be written, lacks a permission that is named, is no application's, or never written", () => {
  const configuration = "DeviceManagementConfiguration.ReadWrite.All";
  expect(of([], "settingsCatalogPolicy")).toMatchObject({
    writable: "permission_missing",
    missing: [configuration],
    why: `Grant ${configuration}.`,
  });
  expect(of([configuration.toLowerCase()], "settingsCatalogPolicy")).toMatchObject({
    writable: "yes",
    missing: [],
    why: null,
  });
  // To read is not to write, and a type that needs several is told of those that it lacks.
  expect(of(["Policy.Read.All", "Application.Read.All"], "conditionalAccessPolicy")).toMatchObject({
    writable: "permission_missing",
    missing: ["Policy.ReadWrite.ConditionalAccess"],
  });
  const everything = catalog.flatMap(({ key }) => {
    const rule = writingOf(key);
    return "cannot" in rule ? [] : rule.permissions;
  });
  expect(of(everything, "enrollmentRestriction")).toMatchObject({ writable: "not_by_applications" });
  expect(of(everything, "vppToken")).toMatchObject({
    writable: "never",
    why: expect.stringContaining("Apple"),
  });
  expect(writableTypes(everything).filter(({ writable }) => writable === "permission_missing")).toEqual([]);
  expect(writableTypes([]).map(({ policy_type }) => policy_type)).toEqual(catalog.map(({ key }) => key));
});
