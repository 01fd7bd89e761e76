// `npm run docs:retention`: writes the table of rules in docs/backup-sets.md from lib/retention/rules.ts.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { periodFields, perRule } from "#lib/retention/rules";

/** The page that has the table; `scripts/generate-retention-docs.test.ts` holds it so. */
export const backupSetsFile = fileURLToPath(new URL("../docs/backup-sets.md", import.meta.url));

const begin =
  "<!-- Made by `npm run docs:retention` from lib/retention/rules.ts. Change that, not this table. -->\n";
const end = "<!-- End of the table. -->\n";

/** The page with its table as the rules have it now. @throws Error when the page has no place for it */
export function withRulesTable(page: string): string {
  const start = page.indexOf(begin);
  const stop = page.indexOf(end);
  if (start < 0 || stop < start) throw new Error("docs/backup-sets.md has no place for the table of rules.");
  const counted = perRule(({ unit, unitInFull }) => unitInFull ?? unit);
  const rows = periodFields.map((field) => `| \`${field}\` | ${counted[field]} |`);
  const table = [
    "| field | keeps the newest set of each of the last N … that have one |",
    "|---|---|",
    ...rows,
  ];
  return `${page.slice(0, start)}${begin}\n${table.join("\n")}\n\n${page.slice(stop)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(backupSetsFile, withRulesTable(await readFile(backupSetsFile, "utf8")));
  console.log(`Wrote ${backupSetsFile}`);
}
