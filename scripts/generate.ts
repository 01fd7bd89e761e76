import { pathToFileURL } from "node:url";
import { isMadeFrom, stamp } from "./launch/made-from.ts";
import { runTool } from "./launch/run-tool.ts";
import { hashOfSources } from "./launch/source-hash.ts";

const stampFile = "lib/db/generated/.made-from";

/**
 * Generates the Prisma client when the schema or Prisma's version changed since the last time.
 * @returns whether it was generated now
 */
export async function generate(signal?: AbortSignal): Promise<boolean> {
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log((await generate()) ? "Generated the Prisma client." : "The Prisma client is up to date.");
}
