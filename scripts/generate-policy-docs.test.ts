import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { catalog } from "#lib/policies/catalog";
import { policyTypesFile, policyTypesPage } from "./generate-policy-docs.ts";

test("docs/policy-types.md is what the catalog makes: run `npm run docs:policy-types` after changing it", async () => {
  expect(await readFile(policyTypesFile, "utf8")).toBe(policyTypesPage());
});

test("it tells every type's key, path, permission and volatile properties in one row", () => {
  const rows = policyTypesPage().split("\n");
  for (const type of catalog) {
    const row = rows.find((line) => line.startsWith(`| \`${type.key}\` |`)) ?? "";
    for (const fact of [type.label, type.version, type.path, type.permission, ...type.volatile]) {
      expect(row).toContain(fact);
    }
    for (const child of type.children) expect(row).toContain(`\`${child.key}\``);
  }
});
