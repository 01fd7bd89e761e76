// The Graph sandbox of a data folder as a process: `node sandbox-process.ts <data-dir>`.
import { readFile } from "node:fs/promises";
import { recordOutput } from "#lib/log-output";
import { startSandbox } from "#sandbox/server";
import { readSandboxSettings, sandboxCertificateFiles } from "./sandbox-settings.ts";

recordOutput();
const [dataDir] = process.argv.slice(2);
if (!dataDir) throw new Error("Name the data folder.");

const { tenants, port } = await readSandboxSettings(dataDir);
const { keyFile, certificateFile } = await sandboxCertificateFiles(dataDir);
const sandbox = await startSandbox({
  port,
  tenants,
  tls: { key: await readFile(keyFile, "utf8"), cert: await readFile(certificateFile, "utf8") },
  ...(process.env.GRAPH_SANDBOX_DATA ? { dataDir: process.env.GRAPH_SANDBOX_DATA } : {}),
});
console.log(`Graph sandbox at ${sandbox.url} for ${tenants.length} tenants`);
if (sandbox.loaded) {
  console.log(`It serves ${sandbox.loaded.files.length} objects from ${sandbox.loaded.folder}`);
  for (const { file, reason } of sandbox.loaded.skipped) console.log(`It leaves out ${file}: ${reason}`);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void sandbox.stop().then(() => process.exit(0)));
}
