/**
 * Starts tracing if the environment names who receives it, and loads nothing of it otherwise. Comes before anything that makes
 * a client of the database or of the queue.
 * @param process as which service the spans appear, `tenantpilot-web` for instance, unless `OTEL_SERVICE_NAME` says another
 */
export async function traceIfAsked(process: "web" | "worker"): Promise<void> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_TRACES_SAMPLER_ARG } =
    globalThis.process.env;
  if (!OTEL_EXPORTER_OTLP_ENDPOINT && !OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return;
  const share = Number(OTEL_TRACES_SAMPLER_ARG || "1");
  const { startTracing } = await import("./start-tracing.ts");
  startTracing(`tenantpilot-${process}`, share >= 0 && share <= 1 ? share : 1);
}
