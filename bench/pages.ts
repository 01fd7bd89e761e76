// `npm run bench -- pages [--schedules 10000] [--runs 200000] [--requests 100] [--visits 7] [--only lists,pages,browser,lighthouse,dashboard]`:
// what the pages take in a tenant with a long past: each list in the database, each page over HTTP, a first visit in
// headless Chromium, and Lighthouse; beside them the pages of @pg-boss/dashboard. PostgreSQL flushes to disk as in
// production, and the web server runs the production build.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import type { Browser } from "@playwright/test";
import pg from "pg";
import { dispatcherActor } from "#lib/access/actor";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { provisionTenant } from "#lib/members/provision-tenant";
import { foldRunCounts } from "#lib/runs/fold-counts";
import { build } from "../scripts/build.ts";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import {
  launchChromium,
  openSession,
  type Person,
  type Proof,
  type Visit,
  visits,
} from "./support/chromium.ts";
import { FigureTable } from "./support/figure-table.ts";
import { quantile } from "./support/figures.ts";
import { fillTenant } from "./support/large-tenant.ts";
import { audit, lighthouseCategories, lighthouseMissing, startAuditedBrowser } from "./support/lighthouse.ts";
import { listsToMeasure } from "./support/lists.ts";
import { fillQueues, startDashboard } from "./support/pg-boss-dashboard.ts";
import { timesOf } from "./support/times.ts";
import { startWeb } from "./support/web-process.ts";

const parts = ["lists", "pages", "browser", "lighthouse", "dashboard"] as const;

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "10000" },
    runs: { type: "string", default: "200000" },
    requests: { type: "string", default: "100" },
    visits: { type: "string", default: "7" },
    only: { type: "string", default: parts.join(",") },
  },
});
const size = { schedules: Number(values.schedules), runs: Number(values.runs) };
const requests = Number(values.requests);
const wanted = (part: (typeof parts)[number]) => values.only.split(",").includes(part);

/** One audit is worth a few points more or less, by what else the machine does. */
const auditRounds = 3;

/** A control of each page that is measured, and the proof that it works. */
const proofs = {
  schedules: {
    control: 'input[aria-label="Select all schedules on this page"]',
    effect: 'section[aria-label="Selected schedules"]',
  },
  account: {
    control: 'button[aria-label^="Account of"]',
    effect: 'button[aria-label^="Account of"][aria-expanded="true"]',
  },
  dashboard: {
    control: 'button[aria-label="Toggle theme"]',
    effect: 'button[aria-label="Toggle theme"][aria-expanded="true"]',
  },
} satisfies Record<string, Proof>;

const table = new FigureTable();
process.env.LOG_LEVEL ??= "warn";
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");

const database = await ownDatabase({ max_wal_size: "4GB" });
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
let browser: Browser | undefined;
try {
  process.env.DATABASE_URL = database.url;
  const { tenantId, scheduleId, owner, provider } = await prepare();
  if (wanted("lists")) await measureLists(owner.user_id, provider.user_id, tenantId, scheduleId);
  if (wanted("pages") || wanted("browser") || wanted("lighthouse")) {
    if (await build()) console.log("\nBuilt the web application.");
    const web = await startWeb(database.url);
    try {
      browser = await launchChromium();
      const session = await openSession(browser, web.url, owner);
      const overview = `${web.url}/tenants/${tenantId}`;
      if (wanted("pages")) await measurePages(overview, session.cookie, scheduleId);
      if (wanted("browser")) {
        table.section(
          `First visits in headless Chromium, cold cache, median of ${values.visits} (first byte/first paint/largest paint)`,
        );
        const { schedules, account } = proofs;
        await measureVisit("schedules", `${overview}/backup-schedules`, session.state, schedules, true);
        await measureVisit("overview", overview, session.state, account, false);
        await measureVisit("runs", `${overview}/runs`, session.state, account, false);
      }
      if (wanted("lighthouse")) await measureByLighthouse(web.url, overview, owner);
    } finally {
      await web.stop();
    }
  }
  if (wanted("dashboard")) await measureDashboard();
  console.log(table.missed === 0 ? "\nEvery target is met." : `\n${table.missed} targets are missed.`);
  process.exitCode = table.missed > 0 ? 1 : 0;
} finally {
  await browser?.close();
  await stopProducer();
  await disconnect();
  await admin.end();
  await database.drop();
}

/** The large tenant with its owner, and a provider who looks after it and 300 small ones. */
async function prepare() {
  const began = performance.now();
  const person = (name: string, role: "owner" | "readonly") => ({
    name,
    email: `${name.toLowerCase()}@bench.example`,
    role,
    password: randomBytes(16).toString("hex"),
  });
  const [owner, provider] = [person("Owner", "owner"), person("Provider", "readonly")];
  const { tenant_id: tenantId } = await provisionTenant("Bench", [owner, provider]);
  const users = await admin.query<{ id: number; email: string }>("SELECT id, email FROM users");
  const idOf = (email: string) => users.rows.find((user) => user.email === email)?.id ?? 0;
  const small = await admin.query<{ id: number }>(
    `WITH made AS (INSERT INTO tenants (name) SELECT 'Customer ' || n FROM generate_series(1, 300) n RETURNING id),
          member AS (INSERT INTO memberships (tenant_id, user_id, role) SELECT id, $1, 'operator' FROM made)
     SELECT id FROM made`,
    [idOf(provider.email)],
  );
  for (const { id } of small.rows) {
    await fillTenant(admin, { tenantId: id, userId: idOf(provider.email), schedules: 5, runs: 100 });
  }
  await fillTenant(admin, { tenantId, userId: idOf(owner.email), ...size });
  await fillQueues(admin, size);
  // As the ticks of the months would have done.
  while ((await foldRunCounts(dispatcherActor, {})) > 0);
  await admin.query("VACUUM ANALYZE");
  await admin.query("CHECKPOINT");
  const { rows } = await admin.query<Record<string, string>>(
    `SELECT (SELECT count(*) FROM backup_schedules WHERE tenant_id = $1 AND deleted_at IS NULL) AS schedules,
            (SELECT count(*) FROM backup_schedule_runs WHERE tenant_id = $1) AS runs,
            (SELECT count(*) FROM backup_sets WHERE tenant_id = $1) AS "backup sets",
            (SELECT count(*) FROM audit_log WHERE tenant_id = $1) AS "audit entries",
            (SELECT count(*) FROM notifications WHERE tenant_id = $1) AS notifications`,
    [tenantId],
  );
  const holds = Object.entries(rows[0] ?? {}).map(([what, count]) => `${count} ${what}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`One tenant with ${holds.join(", ")}; 300 small ones beside it (made in ${seconds} s).`);
  const found = await admin.query<{ id: number }>(
    "SELECT id FROM backup_schedules WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY id OFFSET $2 LIMIT 1",
    [tenantId, Math.floor(size.schedules / 2)],
  );
  return {
    tenantId,
    scheduleId: found.rows[0]?.id ?? 0,
    owner: { ...owner, user_id: idOf(owner.email) },
    provider: { user_id: idOf(provider.email) },
  };
}

async function measureLists(ownerId: number, providerId: number, tenantId: number, scheduleId: number) {
  table.section(`Lists: the operation in this process, ${requests} times each, p95`);
  const lists = listsToMeasure({
    owner: { kind: "user", user_id: ownerId },
    provider: { kind: "user", user_id: providerId },
    tenantId,
    scheduleId,
    pages: Math.ceil(size.schedules / 25),
  });
  for (const { name, call } of lists) {
    const { p50, p95 } = await timesOf(requests, call);
    table.atMost(name, p95, "ms", 50, ` (p50 ${p50.toFixed(1)})`);
  }
}

async function measurePages(overview: string, cookie: string, scheduleId: number) {
  table.section(`Pages: the whole page over HTTP, signed in, ${requests} times each, p95`);
  const paths = {
    overview: "",
    "schedules, as first shown": "/backup-schedules",
    "schedules, by last run": "/backup-schedules?sort=last_run_at&direction=desc",
    "schedules, search": "/backup-schedules?search=berlin+0",
    "schedules, last page": `/backup-schedules?page=${Math.ceil(size.schedules / 25)}`,
    "one schedule": `/backup-schedules/${scheduleId}`,
    runs: "/runs",
    "runs, failed": "/runs?status=failed",
    "backup sets": "/backup-sets",
    "audit log": "/audit-log",
    "audit log, members": "/audit-log?action=member",
  };
  for (const [name, path] of Object.entries(paths)) {
    const { p50, p95 } = await timesOf(requests, () => readPage(`${overview}${path}`, cookie));
    table.atMost(name, p95, "ms", null, ` (p50 ${p50.toFixed(1)})`);
  }
  const portfolio = new URL("/tenants", overview).href;
  const { p50, p95 } = await timesOf(requests, () => readPage(portfolio, cookie));
  table.atMost("tenants", p95, "ms", null, ` (p50 ${p50.toFixed(1)})`);
}

async function readPage(url: string, cookie: string): Promise<void> {
  const response = await fetch(url, { headers: { cookie }, redirect: "manual" });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
}

async function measureVisit(
  name: string,
  url: string,
  state: Parameters<typeof visits>[2],
  proof: Proof,
  promised: boolean,
) {
  if (!browser) return;
  const visit = await visits(browser, url, state, proof, Number(values.visits));
  const { interactive, scripts } = visit;
  table.atMost(`${name}, interactive`, interactive / 1000, "s", promised ? 1.5 : null, timings(visit));
  table.atMost(
    `${name}, JavaScript, compressed`,
    scripts / 1000,
    "kB",
    promised ? 280 : null,
    ` in ${visit.scriptFiles} files`,
  );
  const { styles, document, shift, prefetches } = visit;
  table.note(
    `  styles ${(styles / 1000).toFixed(0)} kB, document ${(document / 1000).toFixed(0)} kB, layout shift ${shift.toFixed(3)}, ` +
      `${prefetches} requests for further pages`,
  );
}

function timings({ firstByte, firstPaint, largestPaint }: Visit): string {
  const words = [`${firstByte.toFixed(0)}`, `${firstPaint.toFixed(0)}`, `${largestPaint.toFixed(0)}`];
  return ` (${words.join("/")} ms)`;
}

async function measureByLighthouse(url: string, overview: string, person: Person) {
  table.section(`Lighthouse, median of ${auditRounds}`);
  const missing = await lighthouseMissing();
  if (missing) return table.note(`Left out: ${missing}`);
  await auditPages(url, null, { "sign-in": `${url}/sign-in` });
  await auditPages(url, person, { overview, schedules: `${overview}/backup-schedules` });
}

async function auditPages(url: string, person: Person | null, pages: Record<string, string>) {
  const audited = await startAuditedBrowser(url, person);
  try {
    for (const [name, page] of Object.entries(pages)) {
      for (const preset of ["desktop", "mobile"] as const) {
        const audits = [];
        for (let round = 0; round < auditRounds; round += 1) audits.push(await audit(page, audited, preset));
        for (const category of lighthouseCategories) {
          const scores = audits.map((each) => each.scores[category]);
          const all = new Set(scores).size > 1 ? ` (${scores.join(", ")})` : "";
          table.atLeast(`${name}, ${preset}: ${category}`, quantile(scores, 0.5), "", 95, all);
        }
        const troubles = new Set(audits.flatMap((each) => each.troubles));
        for (const trouble of [...troubles].slice(0, 6)) table.note(`  costs points: ${trouble}`);
      }
    }
  } finally {
    await audited.close();
  }
}

async function measureDashboard() {
  table.section("Beside it: @pg-boss/dashboard, on as many completed jobs and schedules");
  const dashboard = await startDashboard(database.adminUrl).catch((error: unknown) => {
    table.note(`Left out: ${error instanceof Error ? error.message : error}`);
    return null;
  });
  if (!dashboard) return;
  try {
    for (const path of ["/", "/jobs", "/schedules", "/queues/execute-run"]) {
      const { p50, p95 } = await timesOf(Math.min(requests, 30), () =>
        readPage(`${dashboard.url}${path}`, ""),
      );
      table.atMost(`${path}, whole page over HTTP`, p95, "ms", null, ` (p50 ${p50.toFixed(1)})`);
    }
    browser ??= await launchChromium();
    for (const path of ["/", "/jobs", "/schedules"]) {
      await measureVisit(path, `${dashboard.url}${path}`, undefined, proofs.dashboard, false).catch((error) =>
        table.note(`${path} never became interactive: ${error instanceof Error ? error.message : error}`),
      );
    }
  } finally {
    await dashboard.stop();
  }
}
