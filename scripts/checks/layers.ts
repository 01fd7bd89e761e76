import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/**
 * The folders of lib/ from the bottom up: what stands on a line may import what stands above it in this table, and
 * nothing beside or below. Of the first line, which all others stand on, the folders know each other.
 */
const layers: readonly (readonly string[])[] = [
  [".", "access", "audit", "db", "jobs", "live", "notifications", "recurrence", "graph"],
  ["policies", "tokens", "members"],
  ["names"],
  ["connection"],
  ["capture"],
  ["sets"],
  ["compare", "retention", "integrity", "authors"],
  ["runs"],
  ["schedules"],
  ["overview"],
  ["http"],
];

/** What graph/ may know: it speaks HTTP, and neither tenants nor a database. */
const graphMayImport = new Set([".", "graph"]);

/** An import against the order of the layers, in words; null where it goes with it. */
export function layerFault(from: string, to: string): string | null {
  if (from === to) return null;
  const low = layers.findIndex((folders) => folders.includes(to));
  const high = layers.findIndex((folders) => folders.includes(from));
  if (low < 0 || high < 0) return `lib/${low < 0 ? to : from} has no place in scripts/checks/layers.ts`;
  if (from === "graph" && !graphMayImport.has(to))
    return "lib/graph knows Microsoft Graph and nothing of ours";
  if (low > high) return `lib/${from} stands below lib/${to} and may not import it`;
  if (low === high && low > 0)
    return `lib/${from} and lib/${to} stand beside each other and may not import each other`;
  return null;
}

/**
 * Holds every import of the product's lib/ to the layers, and keeps the sandbox and the tests' support out of it.
 * @throws Error that names each import that goes the wrong way
 */
export function checkLayers(): void {
  const faults: string[] = [];
  for (const file of globSync("lib/**/*.ts")) {
    if (/\.test\.ts$|^lib\/(testing|db\/generated)\//.test(file)) continue;
    for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(
      /(?:from|import\() ?"([#.][^"]+)"/g,
    )) {
      const target = specifier.startsWith("#")
        ? specifier.slice(1)
        : normalize(join(dirname(file), specifier));
      const fault = /^(lib\/testing|sandbox|scripts|bench|e2e|worker)\//.test(target)
        ? "the product runs without the sandbox, tests and scripts"
        : target.startsWith("lib/")
          ? layerFault(folderOf(file), folderOf(target))
          : null;
      if (fault) faults.push(`${file} imports ${specifier}: ${fault}.`);
    }
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
}

/** The folder of lib/ that a path lies in; `.` for a file of lib/ itself. */
function folderOf(path: string): string {
  const [, folder = "", ...rest] = path.split("/");
  return rest.length === 0 ? "." : folder;
}
