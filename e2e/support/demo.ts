import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DemoFile } from "../../scripts/launch/demo-file.ts";

/** The demo of the TenantPilot that this test run started: addresses, users with passwords, tokens. */
export function demo(): DemoFile {
  const dataDir = process.env.TENANTPILOT_E2E_DATA_DIR;
  if (!dataDir) throw new Error("There is no test run around this: use `npm run test:e2e`.");
  return JSON.parse(readFileSync(join(dataDir, "demo.json"), "utf8")) as DemoFile;
}
