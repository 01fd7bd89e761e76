// `npm run bench -- documentation [--policies 2000]`: memory and time of a set's documentation, which is streamed: HTML, Markdown
// and CSV of the set of a real run against the Graph sandbox.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import pg from "pg";
import { disconnect } from "#lib/db/client";
import { documentSet } from "#lib/documentation/document-set";
import { stopProducer } from "#lib/jobs/boss";
import { getBackupSet } from "#lib/sets/sets";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { connectedTenant, nightlySchedule } from "./support/bench-tenant.ts";
import { FigurePrinter } from "./support/figures.ts";
import { peakMemoryOf, residentMemoryOf } from "./support/process-memory.ts";
import { backUpHere, benchTwin, sandboxHere } from "./support/runs-here.ts";

const { values } = parseArgs({ options: { policies: { type: "string", default: "2000" } } });
const policies = Number(values.policies);
const megabyte = 1_048_576;

process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const twin = benchTwin(policies);
const database = await ownDatabase();
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const printer = new FigurePrinter();
process.env.DATABASE_URL = database.url;
const sandbox = await sandboxHere(twin);
try {
  const tenant = await connectedTenant(admin, twin);
  const { tenant_id, owner } = tenant;
  const schedule = await nightlySchedule(tenant);
  const set_id = await backUpHere(tenant, schedule.id);
  const { item_count } = await getBackupSet(owner, tenant_id, { set_id });

  /** Reads a documentation to its end, as a browser that saves it does. */
  const read = async (format: "html" | "markdown" | "csv", search?: string) => {
    const { stream } = await documentSet(owner, tenant_id, {
      set_id,
      format,
      ...(search && { search }),
    });
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.byteLength;
    return bytes;
  };
  // The process loads what it needs, and its heap becomes what it is at work.
  await read("html", "Win");
  for (const format of ["html", "markdown", "csv"] as const) {
    globalThis.gc?.();
    const idle = await residentMemoryOf(process.pid);
    const began = performance.now();
    const { result, bytes } = await peakMemoryOf(process.pid, () => read(format));
    printer.print({
      figure: `memory while ${item_count} policies are documented as ${format}, peak less idle`,
      value: (bytes - idle) / megabyte,
      unit: "MiB",
      bound: { at: "most", value: 100 },
      how: `idle ${(idle / megabyte).toFixed(0)} MiB; a file of ${(result / megabyte).toFixed(1)} MiB in ${((performance.now() - began) / 1_000).toFixed(1)} s`,
    });
  }
  process.exitCode = printer.missed > 0 ? 1 : 0;
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await sandbox.stop();
  await database.drop();
}
