import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { retentionFieldNames } from "#lib/retention/rules";
import { backupSetsFile, withRulesTable } from "./generate-retention-docs.ts";

test("docs/backup-sets.md has the rules: run `npm run docs:retention` after changing one", async () => {
  const page = await readFile(backupSetsFile, "utf8");
  expect(page).toBe(withRulesTable(page));
  for (const field of retentionFieldNames) expect(page).toContain(`\`${field}\``);
});
