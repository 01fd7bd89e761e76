import { expect, test } from "vitest";
import { graphTypings } from "#lib/testing/graph-typings";
import { holdRuleAgainstTypings } from "#lib/testing/writing-oracle";
import { writeSpecOf } from "#sandbox/write/write-spec";
import { catalog, findType } from "./catalog.ts";
import type { PolicyType } from "./policy-type.ts";
import { stages, type WriteRule } from "./write/write-rule.ts";
import { writingKeys, writingOf } from "./write.ts";

const ruled = catalog.flatMap((type): { type: PolicyType; rule: WriteRule }[] => {
  const rule = writingOf(type.key);
  return "cannot" in rule ? [] : [{ type, rule }];
});

/** What Microsoft's comments call read-only, and why it is sent all the same. */
const otherKinds = "Apps of Google Play are never made, other kinds need it, and updates leave it out.";
const sentAllTheSame: Readonly<Record<string, string>> = {
  "mobileApp: androidManagedStoreApp.appStoreUrl at appStoreUrl": otherKinds,
  "mobileApp: androidManagedStoreWebApp.appStoreUrl at appStoreUrl": otherKinds,
};

test("every type of the catalog has a rule or one plain sentence why not, and nothing else has", () => {
  expect([...writingKeys].sort()).toEqual(catalog.map(({ key }) => key).sort());
  expect(new Set(writingKeys).size).toBe(writingKeys.length);
  for (const { key } of catalog) {
    const rule = writingOf(key);
    if ("cannot" in rule) expect(rule.cannot, key).toMatch(/^[A-Z].*[a-z]\.$/);
  }
  // What the first revision of the catalog captured can all be written.
  expect(ruled.map(({ type }) => type.key)).toEqual(
    catalog.filter(({ since }) => since === 1).map(({ key }) => key),
  );
});

test("rules are data, and their stages in order", () => {
  for (const { rule } of ruled) {
    expect(JSON.parse(JSON.stringify(rule))).toEqual(rule);
    expect(stages).toContain(rule.stage);
    expect(rule.permissions.some((permission) => permission.includes("ReadWrite"))).toBe(true);
  }
});

test("what a preflight asks for is what writing takes: the sandbox has it from Microsoft's reference by itself", () => {
  const lacking = ruled.flatMap(({ type, rule }) => {
    const permissions = writeSpecOf(type.path)?.permissions ?? ["a rule of the sandbox's"];
    return permissions
      .filter((permission) => !rule.permissions.includes(permission))
      .map((permission) => `${type.key}: ${permission}`);
  });
  expect(lacking).toEqual([]);
});

test("every name of a rule is Microsoft's, and nothing that Microsoft calls read-only is sent", () => {
  const faults = ruled.map(({ type, rule }) => holdRuleAgainstTypings(type, rule));
  expect(faults.flatMap(({ unknown }) => unknown)).toEqual([]);
  const readOnly = faults.flatMap((one) => one.readOnly);
  expect(readOnly.filter((fault) => !Object.hasOwn(sentAllTheSame, fault))).toEqual([]);
  expect(Object.keys(sentAllTheSame).filter((fault) => !readOnly.includes(fault))).toEqual([]);
});

test.each<[string, Partial<WriteRule>, RegExp]>([
  ["deviceManagementScript", { strip: ["runSumary"] }, /no deviceManagementScript has runSumary/],
  ["assignmentFilter", { fixed: ["plattform"] }, /has plattform/],
  ["settingsCatalogPolicy", { strip: [] }, /templateReference\/templateFamily/],
  ["windowsUpdateRing", { strip: [] }, /PauseStartDate/],
])("would report %s with %j", (key, change, fault) => {
  const type = findType(key);
  const rule = writingOf(key);
  if (!type || "cannot" in rule) throw new Error(key);
  const { unknown, readOnly } = holdRuleAgainstTypings(type, { ...rule, ...change });
  expect([...unknown, ...readOnly].join("\n")).toMatch(fault);
});

test("what Graph's comments call read-only is known", () => {
  const properties = graphTypings("beta").propertiesOf("deviceConfiguration");
  expect(properties.get("supportsScopeTags")?.readOnly).toBe(true);
  expect(properties.get("displayName")?.readOnly).toBe(false);
});

test("who an authentication method and its features are for is a reference, wherever Microsoft's typings have it", () => {
  const typings = graphTypings("beta");
  const found: string[] = [];
  const walk = (type: string, path: readonly string[], above: readonly string[]) => {
    if (above.includes(type)) return;
    const types = [type, ...typings.derivedOf(type)];
    const properties = new Map(types.flatMap((each) => [...typings.propertiesOf(each)]));
    if (properties.has("targetType")) found.push([...path, "id"].join("/"));
    else for (const [name, { type: below }] of properties) walk(below, [...path, name], [...above, type]);
  };
  walk("authenticationMethodsPolicy", [], []);
  const rule = writingOf("authenticationMethodsPolicy");
  if ("cannot" in rule) throw new Error(rule.cannot);
  expect(rule.references.map(({ path }) => path).sort()).toEqual([...new Set(found)].sort());
  expect(found).toContain(
    "authenticationMethodConfigurations/featureSettings/numberMatchingRequiredState/excludeTarget/id",
  );
  for (const { path, excludes } of rule.references)
    expect(excludes ?? false, path).toBe(path.includes("exclude"));
});
