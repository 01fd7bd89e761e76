import { expect, test } from "vitest";
import { catalog, catalogRevision } from "#lib/policies/catalog";
import { typesSince } from "./policy-type-picker.tsx";

test("new are the policy types that came after a revision, but for those that are chosen", () => {
  const keys = typesSince(1, ["windowsHelloForBusiness"]).map((type) => type.key);
  expect(keys).toContain("coManagementSettings");
  expect(keys).not.toContain("windowsHelloForBusiness");
  expect(keys).not.toContain("settingsCatalogPolicy");
  expect(keys).toHaveLength(catalog.filter((type) => type.kind === "policy" && type.since > 1).length - 1);
  expect(typesSince(catalogRevision, [])).toEqual([]);
});
