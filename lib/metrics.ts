import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Connections of this process's pool to the database, right now. */
export interface PoolUse {
  in_use: number;
  idle: number;
  /** Transactions that wait for one. */
  waiting: number;
  /** The most that there may be. */
  size: number;
}

// Next.js may load a module once for each route, and the web server loads its own: the counts live outside of them.
const holder = globalThis as typeof globalThis & {
  tenantpilotMetrics?: ReturnType<typeof create>;
  tenantpilotPoolUse?: () => PoolUse;
  tenantpilotLastTick?: number;
};

/** What this process counts where it happens. Names and labels are a promise (docs/monitoring/README.md). */
function metrics(): ReturnType<typeof create> {
  holder.tenantpilotMetrics ??= create();
  return holder.tenantpilotMetrics;
}

function create() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "tenantpilot_database_connections",
    help: "Connections of this process's pool to the database, beside those of the queue, by what they do.",
    labelNames: ["state"],
    registers,
    collect() {
      const use = holder.tenantpilotPoolUse?.();
      if (!use) return;
      this.set({ state: "in_use" }, use.in_use);
      this.set({ state: "idle" }, use.idle);
    },
  });
  new Gauge({
    name: "tenantpilot_database_connections_max",
    help: "How many that pool may have (DATABASE_POOL_SIZE).",
    registers,
    collect() {
      this.set(holder.tenantpilotPoolUse?.().size ?? 0);
    },
  });
  new Gauge({
    name: "tenantpilot_database_pool_waiting",
    help: "Transactions of this process that wait for a connection.",
    registers,
    collect() {
      this.set(holder.tenantpilotPoolUse?.().waiting ?? 0);
    },
  });
  new Gauge({
    name: "tenantpilot_dispatch_last_tick_age_seconds",
    help: "Since when this process has not looked for due schedules. Only processes that have ever done so have it.",
    registers,
    collect() {
      // A gauge without labels is 0 to begin with, which would be a lie.
      this.remove();
      if (holder.tenantpilotLastTick !== undefined)
        this.set((performance.now() - holder.tenantpilotLastTick) / 1_000);
    },
  });
  return {
    registry,
    requests: new Counter({
      name: "http_requests_total",
      help: "Requests to the web server by method, route and status.",
      labelNames: ["method", "route", "status"],
      registers,
    }),
    requestDuration: new Histogram({
      name: "http_request_duration_seconds",
      help: "Time from a request to the head of its answer.",
      labelNames: ["method", "route"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    graphRequests: new Counter({
      name: "tenantpilot_graph_requests_total",
      help: "Requests to Microsoft Graph by throttle family and status; a batch of up to 20 is one. `none`: no answer.",
      labelNames: ["family", "status"],
      registers,
    }),
    graphDuration: new Histogram({
      name: "tenantpilot_graph_request_duration_seconds",
      help: "Time from a request to Microsoft Graph to the end of its answer.",
      labelNames: ["family"],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    graphWaits: new Counter({
      name: "tenantpilot_graph_wait_seconds_total",
      help: "Seconds that requests waited before they were sent: for their turn in the budget, or because Graph refused them.",
      labelNames: ["family", "reason"],
      registers,
    }),
    runsEnded: new Counter({
      name: "tenantpilot_runs_ended_total",
      help: "Runs that this process ended, by status and error code (`none`: no error).",
      labelNames: ["status", "error_code"],
      registers,
    }),
    runDuration: new Histogram({
      name: "tenantpilot_run_duration_seconds",
      help: "Time from a run's first attempt to its end.",
      labelNames: ["status"],
      buckets: [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400],
      registers,
    }),
    startLag: new Histogram({
      name: "tenantpilot_run_start_lag_seconds",
      help: "Time from when a run was due to its first attempt.",
      labelNames: ["trigger"],
      buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600],
      registers,
    }),
    ticks: new Counter({
      name: "tenantpilot_dispatch_ticks_total",
      help: "How often this process looked for due schedules, by how that ended.",
      labelNames: ["result"],
      registers,
    }),
  };
}

/**
 * Counts one request to the web server.
 * @param request.route one of a bounded number: never an address as it came
 * @param seconds until the head of the answer
 */
export function observeRequest(
  request: { method: string; route: string; status: number },
  seconds: number,
): void {
  const { requests, requestDuration } = metrics();
  const { method, route, status } = request;
  requests.inc({ method, route, status });
  requestDuration.observe({ method, route }, seconds);
}

/**
 * Counts one request to Microsoft Graph.
 * @param status of the answer; null when there was none
 * @param seconds until the end of the answer, or until it was given up
 */
export function observeGraphRequest(family: string, status: number | null, seconds: number): void {
  const { graphRequests, graphDuration } = metrics();
  graphRequests.inc({ family, status: status === null ? "none" : String(status) });
  graphDuration.observe({ family }, seconds);
}

/**
 * Counts a wait of one order to Microsoft Graph.
 * @param reason `budget`: its turn had not come; `refused`: Graph, or the connection, refused it before
 */
export function observeGraphWait(family: string, reason: "budget" | "refused", seconds: number): void {
  metrics().graphWaits.inc({ family, reason }, seconds);
}

/**
 * Counts the end of a run.
 * @param seconds since its first attempt; null when it had none
 */
export function observeRunEnd(
  end: { status: string; error_code: string | null },
  seconds: number | null,
): void {
  const { runsEnded, runDuration } = metrics();
  runsEnded.inc({ status: end.status, error_code: end.error_code ?? "none" });
  if (seconds !== null) runDuration.observe({ status: end.status }, seconds);
}

/** Notes the first attempt of a run. @param seconds since it was due */
export function observeRunStart(trigger: string, seconds: number): void {
  metrics().startLag.observe({ trigger }, Math.max(0, seconds));
}

/** Counts one look for due schedules. */
export function observeTick(result: "ok" | "failed"): void {
  metrics().ticks.inc({ result });
  if (result === "ok") holder.tenantpilotLastTick = performance.now();
}

/** Has the metrics tell how this process's pool of connections is used. */
export function watchPool(use: () => PoolUse): void {
  holder.tenantpilotPoolUse = use;
}

/** How this process's pool of connections is used now; null before there is one. */
export function poolUse(): PoolUse | null {
  return holder.tenantpilotPoolUse?.() ?? null;
}

/** What this process counts, in Prometheus' text format: also memory, event loop, garbage collection. */
export function processMetrics(): Promise<string> {
  return metrics().registry.metrics();
}
