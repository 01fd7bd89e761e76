import { context, DiagLogLevel, diag, propagation, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { suppressTracing, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { log } from "./log.ts";
import { traceWith } from "./tracing.ts";
import { version } from "./version.ts";

/**
 * Makes traces and sends them by OTLP over HTTP, as the variables of OpenTelemetry say (`OTEL_EXPORTER_OTLP_…`,
 * `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`). Next.js and pg-boss make their own spans as soon as there is a provider.
 *
 * Only `tracing-if-asked.ts` loads this module, and all of OpenTelemetry but its interface with it.
 * @param service its name, unless the environment says another
 * @param share of the traces that begin here and are sent, 0 to 1
 */
export function startTracing(service: string, share: number): void {
  const fromEnvironment = detectResources({ detectors: [envDetector] });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": service, "service.version": version }))
      .merge(fromEnvironment),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  // A receiver that is away is worth a line, and no more than that.
  const warn = (message: string) => log.warn(`traces: ${message}`);
  const silent = () => {};
  diag.setLogger(
    { error: warn, warn: silent, info: silent, debug: silent, verbose: silent },
    DiagLogLevel.ERROR,
  );
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  traceWith({
    tracer: provider.getTracer("tenantpilot", version),
    kinds: SpanKind,
    within: (span, work) => context.with(trace.setSpan(context.active(), span), work),
    without: (work) => context.with(suppressTracing(trace.deleteSpan(context.active())), work),
    active: () => trace.getActiveSpan(),
    contextOf: (headers) => propagation.extract(context.active(), headers),
    async end() {
      await provider.shutdown();
      for (const part of [trace, context, propagation, diag]) part.disable();
    },
  });
}
