import { importsOf, type Layers, orderFault, throwFaults } from "./imports.ts";

/**
 * The folders of lib/ from the bottom up: what stands on a line may import what stands above it in this table, and
 * nothing beside or below. Of the first line, which all others stand on, the folders know each other.
 */
const layers: Layers = [
  [".", "access", "audit", "db", "jobs", "live", "notifications", "alerts", "recurrence", "graph"],
  ["policies", "tokens", "delivery"],
  ["members"],
  ["names"],
  ["words"],
  ["connection"],
  ["capture"],
  ["sets"],
  ["contents"],
  ["compare", "retention", "integrity", "authors", "definitions"],
  ["documentation"],
  ["runs"],
  ["schedules"],
  ["restore"],
  ["drift"],
  ["overview"],
  ["health"],
  ["platform"],
  ["http"],
];

/** What graph/ may know: it speaks HTTP, and neither tenants nor a database. */
const graphMayImport = new Set([".", "graph"]);

/** An import against the order of the layers, in words; null where it goes with it. */
export function layerFault(from: string, to: string): string | null {
  const [first = []] = layers;
  if (first.includes(from) && first.includes(to))
    return from === "graph" && !graphMayImport.has(to)
      ? "lib/graph knows Microsoft Graph and nothing of ours"
      : null;
  return orderFault(layers, { root: "lib", table: "scripts/checks/layers.ts" }, from, to);
}

/**
 * Holds every import of the product's lib/ to the layers, and keeps the sandbox and the tests' support out of it.
 * @throws Error that names each import that goes the wrong way
 */
export function checkLayers(): void {
  const faults: string[] = [];
  for (const { file, specifier, target } of importsOf("lib/**/*.ts")) {
    if (/\.test\.ts$|^lib\/testing\//.test(file)) continue;
    const fault = /^(lib\/testing|sandbox|scripts|bench|e2e|worker)\//.test(target)
      ? "the product runs without the sandbox, tests and scripts"
      : target.startsWith("lib/")
        ? layerFault(folderOf(file), folderOf(target))
        : null;
    if (fault) faults.push(`${file} imports ${specifier}: ${fault}.`);
  }
  throwFaults(faults);
}

/** The folder of lib/ that a path lies in; `.` for a file of lib/ itself. */
function folderOf(path: string): string {
  const [, folder = "", ...rest] = path.split("/");
  return rest.length === 0 ? "." : folder;
}
