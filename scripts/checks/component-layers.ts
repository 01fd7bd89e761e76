import { dirname } from "node:path";
import { importsOf, type Layers, orderFault, throwFaults } from "./imports.ts";

/**
 * The folders of components/ from the bottom up: what stands on a line may import what stands above it in this table,
 * and nothing beside or below. A folder's own files are what its sub-folders have in common, and stand above them here.
 */
const layers: Layers = [
  ["time"],
  ["navigation"],
  ["ui"],
  ["feedback"],
  ["feedback/dialogs"],
  ["charts", "data-table", "form", "keyboard", "live", "menu", "names"],
  ["restore"],
  ["restore/start"],
  ["json", "microsoft", "notifications", "policies", "words"],
  ["compare"],
  ["compare/policy", "compare/sides"],
  ["compare/list"],
  ["runs"],
  ["runs/details"],
  ["restore/connection", "restore/plan", "drift"],
  ["backup-sets", "command-palette", "schedules"],
  ["backup-sets/header", "backup-sets/items", "backup-sets/verification"],
  ["schedules/bulk", "schedules/retention"],
  ["schedules/details", "schedules/form", "schedules/table"],
  ["alerts", "api-tokens", "audit", "connection", "members", "platform", "profile", "sign-in", "tenants"],
  ["profile/second-factor", "tenants/overview", "tenants/portfolio"],
  ["shell"],
];

/** An import against the order of the layers, in words; null where it goes with it. */
export function componentLayerFault(from: string, to: string): string | null {
  return orderFault(layers, { root: "components", table: "scripts/checks/component-layers.ts" }, from, to);
}

/**
 * Holds every import among the folders of components/ to the layers, styles included.
 * @throws Error that names each import that goes the wrong way
 */
export function checkComponentLayers(): void {
  const faults: string[] = [];
  for (const { file, specifier, target } of importsOf("components/**/*.{ts,tsx}")) {
    if (!target.startsWith("components/")) continue;
    const fault = componentLayerFault(folderOf(file), folderOf(target));
    if (fault) faults.push(`${file} imports ${specifier}: ${fault}.`);
  }
  throwFaults(faults);
}

/** The folder of components/ that a path lies in: `ui`, `compare/policy`. */
function folderOf(path: string): string {
  return dirname(path).slice("components/".length);
}
