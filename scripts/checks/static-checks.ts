import { fileURLToPath } from "node:url";
import { generate } from "../generate.ts";
import { runTool } from "../launch/run-tool.ts";
import { checkComponentLayers } from "./component-layers.ts";
import { checkImportPaths } from "./import-paths.ts";
import { checkLayers } from "./layers.ts";

/** What can be checked without running the product: title and work of each check, in order. */
export const staticChecks: [title: string, work: () => Promise<unknown>][] = [
  ["Generated code", () => generate()],
  // `--error-on-warnings`: a warning that nobody has to fix is noise.
  ["Format and lint", () => runTool(["biome", "check", "--error-on-warnings", "."], { live: true })],
  ["Types", checkTypes],
  ["Layers of lib", async () => checkLayers()],
  ["Layers of components", async () => checkComponentLayers()],
  ["Paths of imports", async () => checkImportPaths()],
  ["Unused code", () => runTool(["knip"], { live: true })],
];

async function checkTypes(): Promise<void> {
  // Makes next-env.d.ts and the types of the routes, which are not committed.
  await runTool(["next", "typegen"], { env: { NEXT_TELEMETRY_DISABLED: "1" } });
  // Not node_modules/.bin/tsc: openapi-typescript needs an older TypeScript, which has a program of that name too.
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  await runTool([tsc, "--noEmit", "-p", "."], { live: true });
}
