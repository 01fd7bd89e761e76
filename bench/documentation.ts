// `npm run bench -- documentation [--policies 2000]`: memory and time of a set's documentation, which is streamed: HTML, Markdown
// and CSV of the set of a real run against the Graph sandbox.
import { randomBytes } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { parseArgs } from "node:util";
import pg from "pg";
import { saveConnection } from "#lib/connection/connection";
import { disconnect } from "#lib/db/client";
import { documentSet } from "#lib/documentation/document-set";
import { familyBudgets } from "#lib/graph/families";
import { stopProducer } from "#lib/jobs/boss";
import { policyTypeKeys } from "#lib/policies/catalog";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
import { createSchedule } from "#lib/schedules/create";
import { startSandbox } from "#sandbox/server";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { benchTenant } from "./support/bench-tenant.ts";
import { FigurePrinter } from "./support/figures.ts";
import { peakMemoryOf, residentMemoryOf } from "./support/process-memory.ts";

const { values } = parseArgs({ options: { policies: { type: "string", default: "2000" } } });
const policies = Number(values.policies);
const megabyte = 1_048_576;

// Graph's limits would stretch it, and change nothing about what is stored.
for (const budget of Object.values(familyBudgets))
  Object.assign(budget, { requests: 1_000_000, windowMs: 1_000 });
process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const twin = {
  entraTenantId: "11111111-1111-4111-8111-111111111111",
  clientId: "22222222-2222-4222-8222-222222222222",
  clientSecret: "bench",
  seed: 1,
  policies,
};
const database = await ownDatabase();
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
const printer = new FigurePrinter();
try {
  const sandbox = await startSandbox({ tenants: [twin] });
  setDefaultCACertificates([...getCACertificates("default"), sandbox.caCertificate]);
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    GRAPH_SANDBOX_URL: sandbox.url,
    GRAPH_SANDBOX_LOGIN_URL: sandbox.loginUrl,
  });
  const { tenant_id, owner } = await benchTenant(admin);
  await saveConnection(owner, tenant_id, {
    cloud: "sandbox",
    entra_tenant_id: twin.entraTenantId,
    client_id: twin.clientId,
    credential_kind: "secret",
    credential: twin.clientSecret,
  });
  const schedule = await createSchedule(owner, tenant_id, {
    name: "Nightly",
    timezone: "UTC",
    frequency: "daily",
    time_of_day: "02:00",
    policy_types: [...policyTypeKeys],
    include_foundations: true,
  });
  const { id } = await startRun(owner, tenant_id, { schedule_id: schedule.id });
  for (let attempt = 1; ; attempt += 1) {
    const result = await executeRun(tenant_id, id, new AbortController().signal);
    if (result.kind !== "handed_back" || attempt === 5) break;
  }
  await sandbox.stop();
  const { rows } = await admin.query<{ id: number; item_count: number }>(
    "SELECT id, item_count FROM backup_sets",
  );
  const [set] = rows;
  if (!set) throw new Error("The run made no set.");

  /** Reads a documentation to its end, as a browser that saves it does. */
  const read = async (format: "html" | "markdown" | "csv", search?: string) => {
    const { stream } = await documentSet(owner, tenant_id, {
      set_id: set.id,
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
      figure: `memory while ${set.item_count} policies are documented as ${format}, peak less idle`,
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
  await database.drop();
}
