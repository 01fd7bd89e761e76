import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** An import of a file of this repository. */
export interface Import {
  /** The path below the root of the file that imports. */
  file: string;
  /** As it is written: `../ui/panel.tsx`, `#components/ui/panel`. */
  specifier: string;
  /** The path below the root that it leads to; an alias may leave the ending out. */
  target: string;
}

/**
 * Every import of the repository's own files, as declarations, `import()` and the mocks of tests.
 * @param pattern which files to read, as a glob below the root
 */
export function importsOf(pattern: string): Import[] {
  return globSync(pattern, { exclude: ["node_modules/**", ".next/**", "lib/db/generated/**"] }).flatMap(
    (file) =>
      [...readFileSync(file, "utf8").matchAll(/(?:from|import|import\(|mock\() ?"([#.][^"]+)"/g)].map(
        ([, specifier = ""]) => ({
          file,
          specifier,
          target: specifier.startsWith("#") ? specifier.slice(1) : normalize(join(dirname(file), specifier)),
        }),
      ),
  );
}

/** Folders from the bottom up: what stands on a line may import what stands above it in the table. */
export type Layers = readonly (readonly string[])[];

/**
 * An import against the order of the layers, in words; null where it goes with it.
 * @param root the folder that the layers are in
 * @param table the file with the layers
 */
export function orderFault(
  layers: Layers,
  { root, table }: { root: string; table: string },
  from: string,
  to: string,
): string | null {
  if (from === to) return null;
  const low = layers.findIndex((folders) => folders.includes(to));
  const high = layers.findIndex((folders) => folders.includes(from));
  if (low < 0 || high < 0) return `${root}/${low < 0 ? to : from} has no place in ${table}`;
  if (low > high) return `${root}/${from} stands below ${root}/${to} and may not import it`;
  if (low === high)
    return `${root}/${from} and ${root}/${to} stand beside each other and may not import each other`;
  return null;
}

/** @throws Error that names each fault */
export function throwFaults(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(faults.join("\n"));
}
