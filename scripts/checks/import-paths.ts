import { importsOf, throwFaults } from "./imports.ts";

const sources = "{app,bench,components,e2e,lib,prisma,sandbox,scripts,worker}/**/*.{ts,tsx,mjs}";

/** More steps up than these say nothing to a reader. */
const mostStepsUp = 2;

/** The folders that package.json ("imports") has aliases for. */
const aliased = ["app", "components", "lib", "prisma", "sandbox"];

/**
 * What is wrong with the way an import is written, in words; null for nothing.
 * @param file the path below the root of the file that imports
 * @param specifier as it is written
 * @param target the path below the root that it leads to
 */
export function pathFault({ file, specifier, target }: Record<"file" | "specifier" | "target", string>) {
  if (specifier.startsWith("#")) return null;
  const steps = specifier.split("/").filter((part) => part === "..").length;
  const [[from], [to = ""]] = [file.split("/"), target.split("/")];
  if (steps > mostStepsUp) return `${steps} steps up; use an alias of package.json ("imports")`;
  if (from !== to && aliased.includes(to)) return `${to}/ has an alias in package.json ("imports")`;
  return null;
}

/**
 * Holds the paths of all imports of the repository to what a reader can follow.
 * @throws Error that names each import that is not
 */
export function checkImportPaths(): void {
  const faults = importsOf(sources).flatMap((each) => {
    const fault = pathFault(each);
    return fault ? [`${each.file} imports ${each.specifier}: ${fault}.`] : [];
  });
  throwFaults(faults);
}
