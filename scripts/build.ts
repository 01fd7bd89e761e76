import { pathToFileURL } from "node:url";
import { generate } from "./generate.ts";
import { bundle } from "./launch/bundle.ts";
import { isMadeFrom, stamp } from "./launch/made-from.ts";
import { packWorker, workerFile } from "./launch/packed-worker.ts";
import { runTool } from "./launch/run-tool.ts";
import { hashOfSources } from "./launch/source-hash.ts";
import { compressFiles } from "./web/compressed-files.ts";

const stampFile = ".next/made-from";

/**
 * Builds web and worker for production, each when anything it is made from changed since the last time.
 * @returns whether anything was built now
 */
export async function build(signal?: AbortSignal): Promise<boolean> {
  await generate(signal);
  const pages = await buildPages(signal);
  // Next.js empties the folder that they share.
  const worker = await buildWorker();
  return pages || worker;
}

/** Packs the worker when its sources or its packages changed since the last time. @returns whether it was packed now */
export function buildWorker(): Promise<boolean> {
  return packWorker((folder, name) => bundle(workerFile, folder, name));
}

async function buildPages(signal: AbortSignal | undefined): Promise<boolean> {
  const hash = await hashOfSources(
    [
      "{app,components,lib}/**",
      "*.{ts,mjs}",
      "prisma/schema.prisma",
      "public/**",
      "tsconfig.json",
      "package.json",
      "package-lock.json",
    ],
    ["lib/db/generated/**", "next-env.d.ts"],
  );
  if (await isMadeFrom(stampFile, hash)) return false;
  await runTool(["next", "build"], { env: { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }, signal });
  await compressFiles(".next/static");
  await stamp(stampFile, hash);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log((await build()) ? "Built web and worker." : "The build is up to date.");
}
