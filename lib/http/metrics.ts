import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

interface HttpMetrics {
  registry: Registry;
  requests: Counter<"method" | "route" | "status">;
  duration: Histogram<"method" | "route">;
}

// Next.js may load a module once for each route: the counts live outside of them.
const holder = globalThis as typeof globalThis & { tenantpilotMetrics?: HttpMetrics };

function metrics(): HttpMetrics {
  holder.tenantpilotMetrics ??= create();
  return holder.tenantpilotMetrics;
}

function create(): HttpMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Counter({
      name: "http_requests_total",
      help: "API requests by method, route and status.",
      labelNames: ["method", "route", "status"],
      registers: [registry],
    }),
    duration: new Histogram({
      name: "http_request_duration_seconds",
      help: "Time from an API request to the head of its answer.",
      labelNames: ["method", "route"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
  };
}

/**
 * Counts one request.
 * @param seconds until the head of the answer
 */
export function observeRequest(
  request: { method: string; route: string; status: number },
  seconds: number,
): void {
  const { requests, duration } = metrics();
  requests.inc({ method: request.method, route: request.route, status: request.status });
  duration.observe({ method: request.method, route: request.route }, seconds);
}

/** What this process counts, in Prometheus' text format: requests, memory, event loop, garbage collection. */
export function processMetrics(): Promise<string> {
  return metrics().registry.metrics();
}
