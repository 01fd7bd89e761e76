import { pathToFileURL } from "node:url";
import { generate } from "./generate.ts";
import { isMadeFrom, stamp } from "./launch/made-from.ts";
import { runTool } from "./launch/run-tool.ts";
import { hashOfSources } from "./launch/source-hash.ts";
import { compressFiles } from "./web/compressed-files.ts";

const stampFile = ".next/made-from";

/**
 * Builds the web application for production when anything it is made from changed since the last time.
 * @returns whether it was built now
 */
export async function build(signal?: AbortSignal): Promise<boolean> {
  await generate(signal);
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
  console.log((await build()) ? "Built the web application." : "The build is up to date.");
}
