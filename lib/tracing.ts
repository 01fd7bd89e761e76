import type { Context, Span, SpanKind, Tracer } from "@opentelemetry/api";
import { AppError, httpStatus } from "./errors.ts";

/** What a span says, and nothing that a request or a policy holds: no values, no secrets, no words of errors. */
export type SpanAttributes = Record<string, string | number | boolean | null | undefined>;

/** What traces are made with, once they are (start-tracing.ts). Nothing here loads any of it. */
export interface Tracing {
  tracer: Tracer;
  kinds: typeof SpanKind;
  /** Runs work below a span. */
  within<T>(span: Span, work: () => T): T;
  /** Runs work of which nothing is traced, and which hands no trace on. */
  without<T>(work: () => T): T;
  active(): Span | undefined;
  /** The trace that headers say a request is part of. */
  contextOf(headers: Record<string, string | string[] | undefined>): Context;
  /** Sends what is not sent yet. */
  end(): Promise<void>;
}

// The web server and what Next.js has bundled each load this module: what they share lies outside of it.
const holder = globalThis as typeof globalThis & { tenantpilotTracing?: Tracing | undefined };

/** Has spans made from now on; null: none. */
export function traceWith(tracing: Tracing | null): void {
  holder.tenantpilotTracing = tracing ?? undefined;
}

export function isTracing(): boolean {
  return holder.tenantpilotTracing !== undefined;
}

/** A span that is under way. */
export interface OpenSpan {
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
}

const noSpan: OpenSpan = { set: () => {}, rename: () => {} };

export interface SpanOptions {
  kind?: "server" | "client" | "internal";
  attributes?: SpanAttributes;
  /** The headers of a request, which may be part of a trace. */
  headers?: Record<string, string | string[] | undefined>;
}

/**
 * Runs work as a span of the trace that is under way, or of a new one. Without tracing it is the work and nothing else.
 * What the work throws ends the span with its kind (`error.type`), and goes on; only what is nobody's mistake counts as an
 * error.
 */
export async function traced<T>(
  name: string,
  { kind = "internal", attributes = {}, headers }: SpanOptions,
  work: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  const tracing = holder.tenantpilotTracing;
  if (!tracing) return work(noSpan);
  const spanKind = tracing.kinds[kind === "server" ? "SERVER" : kind === "client" ? "CLIENT" : "INTERNAL"];
  const options = { kind: spanKind, attributes: said(attributes) };
  const span = headers
    ? tracing.tracer.startSpan(name, options, tracing.contextOf(headers))
    : tracing.tracer.startSpan(name, options);
  const open: OpenSpan = {
    set: (more) => void span.setAttributes(said(more)),
    rename: (other) => void span.updateName(other),
  };
  try {
    return await tracing.within(span, () => work(open));
  } catch (error) {
    const type = typeOf(error);
    span.setAttribute("error.type", type);
    if (!isRefusal(error)) span.setStatus({ code: statusError });
    throw error;
  } finally {
    span.end();
  }
}

/** As `traced`, but only as a part of a trace that is under way: what happens by the thousand begins none of its own. */
export function tracedWithin<T>(
  name: string,
  options: SpanOptions,
  work: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  return holder.tenantpilotTracing?.active() ? traced(name, options, work) : work(noSpan);
}

/** Runs work of which nothing is traced. */
export function untraced<T>(work: () => T): T {
  return holder.tenantpilotTracing ? holder.tenantpilotTracing.without(work) : work();
}

/** The id of the trace that is under way, for the log; null when there is none. */
export function currentTraceId(): string | null {
  return holder.tenantpilotTracing?.active()?.spanContext().traceId ?? null;
}

/** Sends the spans that are not sent yet, as far as whoever receives them takes them in `limitMs`. */
export async function endTracing(limitMs = 3_000): Promise<void> {
  const ended = holder.tenantpilotTracing?.end().catch(() => undefined);
  holder.tenantpilotTracing = undefined;
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, limitMs).unref())]);
}

/** SpanStatusCode.ERROR, without loading it. */
const statusError = 2;

function said(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const entries = Object.entries(attributes).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined && entry[1] !== null,
  );
  return Object.fromEntries(entries);
}

function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return "other";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** What an operation says to who asked for what cannot be, and Next.js' own way out of a page. */
function isRefusal(error: unknown): boolean {
  if (typeof error === "object" && error !== null && "digest" in error) return true;
  return error instanceof AppError && httpStatus(error.code) < 500;
}
