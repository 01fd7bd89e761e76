// `node bench/capture.ts [--policies 5000] [--large 50000] [--only limits,sequential,storm,memory]`: what a capture
// costs. Every figure but the sequential one is of a real worker process, a real PostgreSQL and a Graph sandbox in a
// process of its own.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import pg from "pg";
import { disconnect } from "#lib/db/client";
import { familyBudgets } from "#lib/graph/families";
import { stopProducer } from "#lib/jobs/boss";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { TEMPLATE_LIMIT } from "#sandbox/limits";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { type BenchTenant, connectedTenant, nightlySchedule } from "./support/bench-tenant.ts";
import { type Requests, SandboxProcess } from "./support/sandbox-process.ts";
import { captureOneByOne } from "./support/sequential.ts";
import { WorkerProcess } from "./support/worker-process.ts";

const latencyMs = 50;

interface CaptureFigure {
  figure: string;
  value: number;
  unit: string;
  /** What the project promises; null where nothing is promised. */
  bound: { at: "least" | "most"; value: number } | null;
  how: string;
}

/** Everything that a run needs, for one tenant with `policies` policies. */
class Stage {
  readonly sandbox: SandboxProcess;
  readonly admin: pg.Pool;
  readonly #tenant: BenchTenant;

  constructor(sandbox: SandboxProcess, admin: pg.Pool, tenant: BenchTenant) {
    this.sandbox = sandbox;
    this.admin = admin;
    this.#tenant = tenant;
  }

  /** One run of all types and foundations in a worker of its own. */
  async run(settings: { unlimited?: boolean } = {}): Promise<{
    status: string;
    items: number;
    seconds: number;
    /** Of the transaction that writes the set and ends the run, with the work before its commit. */
    finishSeconds: number;
    idleMegabytes: number;
    peakMegabytes: number;
    requests: Requests;
  }> {
    const worker = await WorkerProcess.start({ NODE_EXTRA_CA_CERTS: this.sandbox.caFile }, settings);
    try {
      await worker.ready();
      const idleMegabytes = await worker.peakMegabytes();
      // A schedule of its own: nothing to compare with, everything new.
      const name = `Bench ${randomBytes(4).toString("hex")}`;
      const schedule = await nightlySchedule(this.#tenant, { name });
      const { owner, tenant_id } = this.#tenant;
      const { id: run_id } = await startRun(owner, tenant_id, { schedule_id: schedule.id });
      for (;;) {
        const run = await getRun(owner, tenant_id, { run_id });
        if (run.status !== "running") {
          const { rows } = await this.admin.query<{ seconds: number; finish: number }>(
            `SELECT extract(epoch FROM r.finished_at - r.started_at)::float AS seconds,
                    extract(epoch FROM r.finished_at - s.created_at)::float AS finish
             FROM backup_schedule_runs r LEFT JOIN backup_sets s ON s.run_id = r.id WHERE r.id = $1`,
            [run_id],
          );
          const types = Object.values({ ...run.summary.types, ...run.summary.foundations });
          return {
            status: run.status,
            items: types.reduce((sum, type) => sum + type.captured, 0),
            seconds: rows[0]?.seconds ?? Number.NaN,
            finishSeconds: rows[0]?.finish ?? Number.NaN,
            idleMegabytes,
            peakMegabytes: await worker.peakMegabytes(),
            requests: await this.sandbox.requests(),
          };
        }
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    } finally {
      await worker.stop();
    }
  }
}

async function onStage<T>(policies: number, work: (stage: Stage) => Promise<T>): Promise<T> {
  const sandbox = await SandboxProcess.start(policies);
  const database = await ownDatabase({ max_wal_size: "4GB" });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  try {
    process.env.DATABASE_URL = database.url;
    process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
    process.env.GRAPH_SANDBOX_URL = sandbox.url;
    process.env.GRAPH_SANDBOX_LOGIN_URL = sandbox.loginUrl;
    return await work(new Stage(sandbox, admin, await connectedTenant(admin, sandbox.tenant)));
  } finally {
    await stopProducer();
    await disconnect();
    await admin.end();
    await sandbox.stop();
    await database.drop();
  }
}

/**
 * The least time in which Graph's limits let these requests through: whole budgets pass at once, the next a window
 * later; families beside each other. The last answer, at least, takes the latency on top.
 */
function leastSeconds(requests: Requests): number {
  const seconds = (made: number, { requests: budget, windowMs }: { requests: number; windowMs: number }) =>
    made === 0 ? 0 : Math.floor((made - 1) / budget) * (windowMs / 1000);
  const families = Object.entries(familyBudgets).map(([family, budget]) =>
    seconds(requests.byFamily[family] ?? 0, budget),
  );
  // The sandbox admits so few of these that they may last longer than all the rest.
  const templates = seconds(requests.templates, TEMPLATE_LIMIT);
  return Math.max(...families, templates) + latencyMs / 1000;
}

/** Measures; `onFigure` hears of each figure as soon as it is there. */
async function benchCapture(
  options: { policies: number; large: number; only: readonly string[] },
  onFigure: (figure: CaptureFigure) => void,
): Promise<void> {
  const { policies, large } = options;
  const wanted = (part: string) => options.only.length === 0 || options.only.includes(part);

  if (wanted("limits") || wanted("storm") || wanted("sequential")) {
    await onStage(policies, async (stage) => {
      // What is needed: a run that nothing hinders asks for every address once.
      await stage.sandbox.prepare({ latencyMs: 0 });
      const free = await stage.run({ unlimited: true });
      const needed = free.requests;
      onFigure({
        figure: "requests needed",
        value: needed.graph,
        unit: `for ${free.items} objects, in ${needed.http} HTTP requests`,
        bound: null,
        how: `run ${free.status}; counted by the sandbox in a run without latency, limits and faults`,
      });
      if (wanted("limits")) {
        await stage.sandbox.prepare({ latencyMs, enforceLimits: true });
        const run = await stage.run();
        const least = leastSeconds(needed);
        onFigure({
          figure: `${policies} policies, ${latencyMs} ms latency, Graph's limits enforced`,
          value: run.seconds,
          unit: "s",
          bound: null,
          how: `run ${run.status}, ${run.requests.byStatus["429"] ?? 0} of ${run.requests.graph} requests throttled`,
        });
        onFigure({
          figure: "least possible time / time taken",
          value: least / run.seconds,
          unit: "",
          bound: { at: "least", value: 0.8 },
          how: `least: ${needed.byFamily.intune} Intune requests at 1000 in 20 s, ${needed.templates} of them to administrative templates at 20 in 20 s: ${least.toFixed(1)} s`,
        });
      }
      if (wanted("sequential")) {
        await stage.sandbox.prepare({ latencyMs });
        const run = await stage.run({ unlimited: true });
        const one = await captureOneByOne(stage.sandbox, latencyMs, 600);
        const alone = (one.seconds / one.requests) * needed.graph;
        onFigure({
          figure: "sequential time / time taken, at the same latency",
          value: alone / run.seconds,
          unit: "times",
          bound: { at: "least", value: 5 },
          how:
            `limits not enforced, or they alone would decide; ${run.seconds.toFixed(1)} s, against ${alone.toFixed(0)} s for ` +
            `${needed.graph} requests one at a time, extrapolated from ${one.requests} that took ${one.seconds.toFixed(1)} s`,
        });
      }
      if (wanted("storm")) {
        await stage.sandbox.prepare({
          latencyMs,
          fault: { probability: 0.3, seed: 1, action: { kind: "status", status: 429, retryAfter: 2 } },
        });
        const run = await stage.run();
        onFigure({
          figure: "429 storm (30 % of answers, Retry-After 2 s): requests made / needed",
          value: run.requests.graph / needed.graph,
          unit: "times",
          bound: { at: "most", value: 1.5 },
          how: `run ${run.status}, ${run.items} objects in ${run.seconds.toFixed(0)} s; paced by Graph's limits, the requests made take ${leastSeconds(run.requests).toFixed(0)} s at least`,
        });
      }
    });
  }

  if (wanted("memory")) {
    await onStage(large, async (stage) => {
      await stage.sandbox.prepare({ latencyMs: 0 });
      const run = await stage.run({ unlimited: true });
      onFigure({
        figure: `${large} policies: peak memory of the worker process (VmHWM)`,
        value: run.peakMegabytes,
        unit: "MB",
        bound: { at: "most", value: 300 },
        how: `run ${run.status}, ${run.items} objects in ${run.seconds.toFixed(0)} s, as fast as it can; idle ${run.idleMegabytes.toFixed(0)} MB`,
      });
      onFigure({
        figure: "its last transaction: set, items, manifest, comparison",
        value: run.finishSeconds,
        unit: "s",
        bound: null,
        how: "from its start to the end of the run; PostgreSQL's own work, nothing of it passes through the worker",
      });
    });
  }
}

const { values } = parseArgs({
  options: {
    policies: { type: "string", default: "5000" },
    large: { type: "string", default: "50000" },
    only: { type: "string", default: "" },
  },
});
let missed = 0;
await benchCapture(
  {
    policies: Number(values.policies),
    large: Number(values.large),
    only: values.only.split(",").filter(Boolean),
  },
  ({ figure, value, unit, bound, how }) => {
    const met = !bound || (bound.at === "least" ? value >= bound.value : value <= bound.value);
    if (!met) missed++;
    const wanted = bound ? ` (at ${bound.at} ${bound.value}: ${met ? "met" : "MISSED"})` : "";
    console.log(`${figure}: ${value.toFixed(value < 100 ? 2 : 0)} ${unit}${wanted}\n  ${how}`);
  },
);
process.exitCode = missed > 0 ? 1 : 0;
