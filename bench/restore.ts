// `npm run bench -- restore [--policies 500]`: restores policies into an empty tenant of a Graph sandbox that enforces its
// limits for writing, against the least time that these limits allow. Takes three and a half minutes for 500.
import { randomBytes } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { parseArgs } from "node:util";
import pg from "pg";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { planRestore } from "#lib/restore/create";
import { executeRestore } from "#lib/restore/execute-restore";
import { getRestore } from "#lib/restore/list";
import { requestRestore } from "#lib/restore/request";
import { workOutPlan } from "#lib/restore/work-out-plan";
import { saveWriteConnection } from "#lib/restore/write-connection";
import { collection, compliancePolicy, policy_type } from "#lib/testing/compliance-policies";
import { makeSchedule } from "#lib/testing/schedules";
import { makeSet } from "#lib/testing/sets";
import { makeTestTenants, sandboxTwins, testTenants } from "#lib/testing/tenants";
import { createSandboxCertificate, startSandbox } from "#sandbox/server";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { FigurePrinter } from "./support/figures.ts";

/** What Graph takes of Intune's writes, of an app in a tenant: docs/sandbox.md. */
const limit = { writes: 100, seconds: 20 };

const { values } = parseArgs({ options: { policies: { type: "string", default: "500" } } });
const policies = Number(values.policies);

const database = await ownDatabase();
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
admin.on("error", () => {});
process.env.DATABASE_URL = database.url;
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
const tls = await createSandboxCertificate();
setDefaultCACertificates([...getCACertificates("default"), tls.cert]);
const twins = sandboxTwins(0);
const sandbox = await startSandbox({ tls, tenants: twins });
process.env.GRAPH_SANDBOX_URL = sandbox.url;
process.env.GRAPH_SANDBOX_LOGIN_URL = sandbox.loginUrl;
const printer = new FigurePrinter();
const never = new AbortController().signal;
try {
  await makeTestTenants(admin);
  const [source, target] = await testTenants(admin, twins);
  if (!source || !target) throw new Error("two tenants were asked for");
  const all = Array.from({ length: policies }, (_, n) => compliancePolicy(n + 1));
  for (const policy of all) sandbox.tenant(source.sandbox.entraTenantId).put(collection, policy);
  const schedule = await makeSchedule(source.actors.manager, source.id, {
    policy_types: [policy_type],
    include_foundations: false,
  });
  const set_id = await makeSet(source, schedule.id);
  // The manager of the one plans in the other.
  await admin.query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'manager')", [
    source.id,
    target.actors.owner.user_id,
  ]);
  const { owner } = target.actors;
  const { writer } = target.sandbox;
  if (!writer) throw new Error("no writer");
  await saveWriteConnection(owner, target.id, {
    client_id: writer.clientId,
    credential_kind: "secret",
    credential: writer.clientSecret,
  });
  const { id: restore_id } = await planRestore(owner, target.id, {
    set_id,
    source_tenant_id: source.id,
    items: all.map(({ id: graph_id }) => ({ policy_type, graph_id })),
  });
  const job = async () =>
    (await admin.query<{ job_id: string }>("SELECT job_id FROM restores WHERE id = $1", [restore_id])).rows[0]
      ?.job_id ?? "";
  await workOutPlan(target.id, restore_id, await job(), never);
  const { changes } = await getRestore(owner, target.id, { restore_id });
  await requestRestore(owner, target.id, { restore_id, reason: "Bench", count: changes });
  sandbox.configure({ enforceLimits: true });
  const began = performance.now();
  const result = await executeRestore(target.id, restore_id, await job(), never);
  const seconds = (performance.now() - began) / 1_000;
  const restore = await getRestore(owner, target.id, { restore_id });
  const { rows } = await admin.query<{ writes: number }>(
    "SELECT sum(cardinality(request_ids))::int AS writes FROM restore_items WHERE restore_id = $1",
    [restore_id],
  );
  const writes = rows[0]?.writes ?? 0;
  const least = Math.floor((writes - 1) / limit.writes) * limit.seconds;
  const refused = sandbox.requests.counters.byStatus["429"] ?? 0;
  printer.print({
    figure: `restore of ${policies} policies: least possible time, of the time it took`,
    value: least / seconds,
    unit: "",
    bound: { at: "least", value: 0.7 },
    how:
      `${seconds.toFixed(1)} s for ${writes} writes, at ${limit.writes} in ${limit.seconds} s at least ${least} s; ` +
      `${refused} refused for too many; ended ${JSON.stringify(result)}, items ${JSON.stringify(restore.states)}`,
  });
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await sandbox.stop();
  await database.drop();
}
process.exitCode = printer.missed > 0 ? 1 : 0;
