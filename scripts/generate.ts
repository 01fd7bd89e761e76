import { globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { isMadeFrom, stamp } from "./launch/made-from.ts";
import { runTool } from "./launch/run-tool.ts";
import { hashOfSources } from "./launch/source-hash.ts";

const stampFile = "lib/db/generated/.made-from";

const routesFile = "app/api/generated/routes.ts";

/**
 * Generates what is made from other sources and not committed: the list of the API's routes, and the Prisma client when
 * the schema or Prisma's version changed since the last time.
 * @returns whether the Prisma client was generated now
 */
export async function generate(signal?: AbortSignal): Promise<boolean> {
  await generateRoutes();
  const hash = await hashOfSources([
    "prisma/schema.prisma",
    "prisma.config.ts",
    "node_modules/prisma/package.json",
    "node_modules/@prisma/client/package.json",
  ]);
  if (await isMadeFrom(stampFile, hash)) return false;
  // Prisma's CLI looks for a schema engine to download, and generating uses none: any existing file will do.
  await runTool(["prisma", "generate"], { env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }, signal });
  await stamp(stampFile, hash);
  return true;
}

/**
 * Lists the route files of app/api for the API's description of itself: all but next-auth's own, the catch-all, and the
 * two that show the description.
 */
async function generateRoutes(): Promise<void> {
  const found = globSync("app/api/**/route.ts", {
    exclude: (path) => /\[\.{3}|\[{2}|^app.api.(docs|openapi\.json)\b/.test(path),
  });
  const imports = found
    .map((file) => relative(dirname(routesFile), file).split(sep).join("/"))
    .sort()
    .map((file) => `  () => import(${JSON.stringify(file)}),\n`);
  const text = `// Made by scripts/generate.ts from the folders of app/api.
import type { Route } from "#lib/http/route";

/** Loads every route of the API. */
export const routes: readonly (() => Promise<Route>)[] = [
${imports.join("")}];
`;
  if ((await readFile(routesFile, "utf8").catch(() => "")) === text) return;
  await mkdir(dirname(routesFile), { recursive: true });
  await writeFile(routesFile, text);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log((await generate()) ? "Generated the Prisma client." : "The Prisma client is up to date.");
}
