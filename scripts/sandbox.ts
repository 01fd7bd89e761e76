/**
 * A Microsoft Graph of your own on this machine: `npm run sandbox -- --help`. See docs/sandbox.md.
 */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Random } from "#sandbox/random";
import { type SandboxTenant, startSandbox } from "#sandbox/server";

const USAGE = `Usage: npm run sandbox -- [options]

  --port N           port for http and https (default 4010; 0 takes a free one)
  --tenants N        how many tenants (default 1)
  --policies N       generated policies a tenant, all types together (default 120)
  --seed N           another seed, another tenant; the same seed, the same tenant (default 1)
  --latency MS       every answer takes at least so long (default 0)
  --enforce-limits   throttle as Graph does
  --data DIR         serve the *.json below DIR instead of generated objects
                     (default: the environment variable GRAPH_SANDBOX_DATA)
  --help
`;

function fail(message: string): never {
  process.stderr.write(`${message}\n\n${USAGE}`);
  process.exit(2);
}

function whole(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high)
    fail(`--${name} takes a whole number from ${low} to ${high}.`);
  return value;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: "4010" },
        tenants: { type: "string", default: "1" },
        policies: { type: "string", default: "120" },
        seed: { type: "string", default: "1" },
        latency: { type: "string", default: "0" },
        "enforce-limits": { type: "boolean", default: false },
        data: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const options = readOptions();
if (options.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const seed = whole("seed", options.seed, 0, 2 ** 31);
const policies = whole("policies", options.policies, 0, 1_000_000);
const count = whole("tenants", options.tenants, 1, 1000);
// The same options give the same ids and secrets, so that a client configured once goes on working.
const tenants = Array.from({ length: count }, (_, n): SandboxTenant => {
  const random = new Random("command line", seed, n);
  return {
    entraTenantId: random.guid(),
    clientId: random.guid(),
    clientSecret: `sandbox~${random.hex(32)}`,
    displayName: `Sandbox ${n + 1}`,
    seed: seed + n,
    policies,
  };
});
const dataDir = options.data ?? process.env.GRAPH_SANDBOX_DATA;

const sandbox = await startSandbox({
  port: whole("port", options.port, 0, 65_535),
  tenants,
  latencyMs: whole("latency", options.latency, 0, 600_000),
  enforceLimits: options["enforce-limits"],
  ...(dataDir && { dataDir }),
}).catch((error: unknown) =>
  fail(`The sandbox cannot start: ${error instanceof Error ? error.message : error}`),
);

const authority = join(tmpdir(), `graph-sandbox-${sandbox.port}.pem`);
writeFileSync(authority, sandbox.caCertificate);

const say = (line = "") => process.stdout.write(`${line}\n`);
if (sandbox.loaded) {
  const { folder, files, skipped } = sandbox.loaded;
  say(`${files.length} objects read from ${folder}`);
  for (const { file, reason } of skipped) say(`  left out: ${file}: ${reason}`);
}
say(`Graph     ${sandbox.url}`);
say(`Login     ${sandbox.loginUrl}   (certificate: ${authority})`);
say(`Control   ${sandbox.url}/_sandbox`);
for (const tenant of tenants) {
  say();
  say(`${tenant.displayName}`);
  say(`  Entra tenant id  ${tenant.entraTenantId}`);
  say(`  client id        ${tenant.clientId}`);
  say(`  client secret    ${tenant.clientSecret}`);
}
const [first] = tenants;
if (first) {
  say();
  say("Try:");
  say(`  TOKEN=$(curl -s ${sandbox.url}/${first.entraTenantId}/oauth2/v2.0/token \\`);
  say("    -d grant_type=client_credentials -d scope=https://graph.microsoft.com/.default \\");
  say(`    -d client_id=${first.clientId} --data-urlencode client_secret=${first.clientSecret} \\`);
  say(`    | node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')`);
  say(
    `  curl -H "Authorization: Bearer $TOKEN" '${sandbox.url}/beta/deviceManagement/configurationPolicies?$top=2'`,
  );
}
say();
say(`The Graph sandbox is ready at ${sandbox.url}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void sandbox.stop().then(() => process.exit(0)));
}
