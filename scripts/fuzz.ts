import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import fc from "fast-check";
import pg from "pg";
import type { OpenApiDocument } from "#lib/http/openapi";
import {
  type HostileRequest,
  hostileRequests,
  type Sources,
  type Targets,
} from "#lib/testing/hostile-requests";
import { Writes } from "#lib/testing/writes";
import { credentialsOf, type People } from "./fuzz/people.ts";
import { type Running, startRunning } from "./fuzz/running.ts";
import { type Answer, send } from "./fuzz/wire.ts";

const help = `Sends many requests to a TenantPilot of its own that nobody should send, and tells what it did wrong.

  npm run fuzz [-- options]

  --requests N   how many (20000)
  --seed N       what was printed, to send the like again

Ends with 1 when an answer was a 5xx or none at all, a request that was refused wrote something, or memory grew.`;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const requests = Number(values.requests);
const seed = Number(values.seed);

/** Sent with the same ids and sessions, which are looked up anew for each round. */
const roundSize = 500;
/** After so many, memory is looked at, and some of those that were refused are sent again. */
const windowSize = 2_000;
const sentAgain = 200;
const atOnce = 8;
/** Memory of the last quarter over that of the third, at most: a share of it, and what garbage may lie around. */
const growth = { share: 1.1, bytes: 32 * 1_048_576 };

/** They ask Microsoft, or tell of the worker, which is held at times. */
const outside = /^(getReadiness|testConnection|.*connection\/actions.*:test)$/;
/** They end the sessions by which the rest is sent. */
const endsSessions = /:(signOutAction|endOtherSessionsAction|endSessionAction)$/;

interface Sent {
  request: HostileRequest;
  client: string;
  answer: Answer;
}

console.log(`Seed ${seed}, ${requests} requests.`);
const running = await startRunning();
const database = new pg.Pool({ connectionString: running.demo.database_url, max: 2 });
const faults: string[] = [];
const statuses = new Map<number, number>();
const memory: number[] = [];
let hostsUsed = 0;
try {
  const url = new URL(running.demo.url);
  const writes = new Writes(database);
  const people: People = await credentialsOf(url, running.demo, database);
  await writes.watch();
  const sources = await whatThereIs(url);
  let refused: HostileRequest[] = [];
  const started = Date.now();
  for (let done = 0; done < requests; ) {
    const count = Math.min(roundSize, requests - done);
    await people.renew();
    const made = fc.sample(hostileRequests(await targetsNow(), sources), {
      seed: seed + done,
      numRuns: count,
    });
    const sent = await sendAll(made, people, url);
    done += count;
    judge(sent, await writes.sinceLast());
    refused.push(...sent.filter(isRefused).map(({ request }) => request));
    if (done % windowSize !== 0 && done < requests) continue;
    const again = await sendAgain(refused, { writes, people, url, running });
    memory.push(await memoryOf(url));
    console.log(
      `${String(done).padStart(6)} sent, ${Math.round((Date.now() - started) / 1_000)} s, RSS ${mebibytes(memory.at(-1))}, ` +
        `${refused.length} of them refused; ${again}; ${faults.length} faults`,
    );
    refused = [];
  }
  console.log(
    [...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, times]) => `${status}: ${times}`)
      .join(", "),
  );
} finally {
  await database.end();
  await running.stop();
}
faults.push(...running.errors.map((line) => `web said: ${line}`));
const grown = growthFault(memory);
if (grown) faults.push(grown);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(faults.length === 0 ? "No fault." : `${faults.length} faults.`);
process.exit(faults.length === 0 ? 0 : 1);

async function whatThereIs(url: URL): Promise<Sources> {
  const api = (await (await fetch(new URL("/api/openapi.json", url))).json()) as OpenApiDocument;
  for (const methods of Object.values(api.paths))
    for (const [method, { operationId }] of Object.entries(methods))
      if (outside.test(operationId)) delete methods[method];
  const paths = JSON.parse(await readFile(".next/server/app-paths-manifest.json", "utf8")) as object;
  const manifest = JSON.parse(await readFile(".next/server/server-reference-manifest.json", "utf8")) as {
    node: Record<string, { filename: string; exportedName: string; workers: Record<string, unknown> }>;
  };
  const pathOf = (page: string) =>
    page
      .replace(/^app/, "")
      .replace(/\/page$/, "")
      .replace(/\/(\([\w.]+\)|@\w+)/g, "") || "/";
  const isPlain = (page: string) => page.endsWith("/page") && !/@|_global|_not-found|\(\./.test(page);
  return {
    api,
    pages: Object.keys(paths).filter(isPlain).map(pathOf),
    actions: Object.entries(manifest.node)
      .map(([id, { filename, exportedName, workers }]) => ({
        id,
        name: `${filename}:${exportedName}`,
        page: pathOf(Object.keys(workers).find(isPlain) ?? "/"),
      }))
      .filter(({ name }) => !outside.test(name)),
  };
}

/** What requests are about: what is there now, some of the first tenant and some of another one. */
async function targetsNow(): Promise<Targets> {
  const [tenant, foreign] = running.demo.tenants;
  if (!tenant || !foreign) throw new Error("The demo has two tenants.");
  const ids = async (sql: string) =>
    (await database.query<{ id: string }>(sql, sql.includes("$1") ? [tenant.id] : [])).rows.map(({ id }) =>
      Number(id),
    );
  const newest = (table: string) =>
    ids(`(SELECT id FROM ${table} WHERE tenant_id = $1 ORDER BY id DESC LIMIT 8)
         UNION ALL (SELECT id FROM ${table} WHERE tenant_id <> $1 ORDER BY id DESC LIMIT 2)`);
  // Tokens and people by which the rest is sent are not among those that may be removed.
  const expendable = await ids(
    "SELECT id FROM users WHERE email LIKE '%@expendable.example' ORDER BY id LIMIT 20",
  );
  const sets = await newest("backup_sets");
  return {
    tenantId: tenant.id,
    foreignTenantId: foreign.id,
    expendableTenantIds: await ids(
      "SELECT id FROM tenants WHERE name LIKE 'Expendable%' ORDER BY id DESC LIMIT 5",
    ),
    ids: {
      scheduleId: await newest("backup_schedules"),
      runId: await newest("backup_schedule_runs"),
      setId: sets,
      itemId: await newest("item_ranges"),
      invitationId: await newest("invitations"),
      notificationId: await newest("notifications"),
      ruleId: await newest("role_rules"),
      memberId: expendable,
      userId: expendable,
      tokenId: await ids("SELECT id FROM api_tokens WHERE tenant_id = $1 AND created_by IS NOT NULL LIMIT 5"),
    },
  };
}

async function sendAll(made: readonly HostileRequest[], people: People, url: URL): Promise<Sent[]> {
  const sent: Sent[] = [];
  const left = made.values();
  const sendOn = async () => {
    for (const each of left) {
      const request = endsSessions.test(each.of)
        ? { ...each, sender: "session that is none" as const }
        : each;
      hostsUsed += 1;
      // Of a network of its own: nobody else's wrong passwords count against it.
      const client = `2001:db8:${(hostsUsed >> 8).toString(16)}:${((hostsUsed & 255) << 8).toString(16)}::1`;
      const proof = people.headersOf(request.sender, request);
      const answer = await send(url, request, { ...proof, "X-Forwarded-For": client, Host: url.host });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      sent.push({ request, client, answer });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sendOn));
  return sent;
}

function judge(sent: readonly Sent[], written: Awaited<ReturnType<Writes["sinceLast"]>>): void {
  for (const each of sent) {
    const { status, text } = each.answer;
    // A server that hangs up on a body that it does not want is no fault of its.
    const isCutOff =
      status === 0 && (each.request.body?.length ?? 0) > 1_000_000 && /EPIPE|ECONNRESET/.test(text);
    if (status === 0 && !isCutOff) faults.push(`no answer: ${text} to ${shown(each)}`);
    // An answer that has begun ends with an error in the middle of it.
    const isBroken =
      status < 400 &&
      /"code":"(INTERNAL|TIMEOUT|UNAVAILABLE)"|(data-dgst=|:E\{"digest":)"(?!NEXT_)/.test(text);
    if (status >= 500 || isBroken) faults.push(`${status} to ${shown(each)}: ${text.slice(0, 300)}`);
  }
  const byClient = new Map(sent.map((each) => [each.client, each]));
  for (const { client, table, what } of written) {
    const by = byClient.get(client);
    // Signing in anew comes from here.
    if (!by) continue;
    if (isRefused(by))
      faults.push(`${what} of ${table} by what was refused (${by.answer.status}): ${shown(by)}`);
    else if (/^(GET|HEAD)$/.test(by.request.method) && table !== "audit_log")
      faults.push(`${what} of ${table} by a ${by.request.method}: ${shown(by)}`);
  }
}

function isRefused({ request, answer }: Pick<Sent, "request" | "answer">): boolean {
  if (answer.status >= 400) return true;
  return "Next-Action" in request.headers && /"ok":false/.test(answer.text) && !/"ok":true/.test(answer.text);
}

/** What was refused, once more and with the worker held: all tables hold the same afterwards. @returns what came of it */
async function sendAgain(
  refused: readonly HostileRequest[],
  {
    writes,
    people,
    url,
    running: { workerPid },
  }: { writes: Writes; people: People; url: URL; running: Running },
): Promise<string> {
  const step = Math.max(1, Math.floor(refused.length / sentAgain));
  const some = refused.filter((_, at) => at % step === 0).slice(0, sentAgain);
  await people.renew();
  await holdWorker(workerPid);
  try {
    const before = await writes.everything();
    const sent = await sendAll(some, people, url);
    judge(sent, await writes.sinceLast());
    const accepted = sent.filter((each) => !isRefused(each));
    const after = await writes.everything();
    const changed = [...after].filter(([table, held]) => before.get(table) !== held);
    if (accepted.length === 0)
      for (const [table, held] of changed)
        faults.push(
          `${table} was ${before.get(table)} and is ${held}, though all ${sent.length} requests were refused`,
        );
    return accepted.length === 0
      ? `${sent.length} refused ones again: ${after.size} tables, ${changed.length} changed`
      : `${accepted.length} of ${sent.length} were not refused again`;
  } finally {
    process.kill(workerPid, "SIGCONT");
  }
}

/** Stops the worker where it holds no lock that web would wait for. */
async function holdWorker(pid: number): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    process.kill(pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { rowCount } = await database.query(
      "SELECT FROM pg_stat_activity WHERE usename = 'tp_worker' AND state <> 'idle'",
    );
    if (rowCount === 0) return;
    process.kill(pid, "SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("The worker is never at rest.");
}

async function memoryOf(url: URL): Promise<number> {
  const metrics = await (await fetch(new URL("/api/metrics", url))).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
}

function growthFault(readings: readonly number[]): string | null {
  const quarter = Math.floor(readings.length / 4);
  if (quarter === 0) return null;
  const mean = (of: readonly number[]) => of.reduce((sum, each) => sum + each, 0) / of.length;
  // Until then the heap grows to what this many requests at once need.
  const third = mean(readings.slice(2 * quarter, 3 * quarter));
  const last = mean(readings.slice(-quarter));
  console.log(`RSS of the third quarter: ${mebibytes(third)}, of the last: ${mebibytes(last)}`);
  return last > third * growth.share + growth.bytes
    ? `memory grew from ${mebibytes(third)} to ${mebibytes(last)}`
    : null;
}

function mebibytes(bytes = 0): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

function shown({ request: { of, sender, method, target, headers, body } }: Pick<Sent, "request">): string {
  const sentBody =
    body === null ? "" : `, body (${body.length}) ${JSON.stringify(body.toString().slice(0, 300))}`;
  return `${of} as ${sender}: ${method} ${target.slice(0, 300)} ${JSON.stringify(headers).slice(0, 400)}${sentBody}`;
}
