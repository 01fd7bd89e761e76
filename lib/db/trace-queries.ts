import type pg from "pg";
import { isTracing, tracedWithin } from "#lib/tracing";

/** A statement is told up to here, in characters. */
const longest = 2_000;

/**
 * Makes a span of each statement that a pool's connections send: its text, which has placeholders where the values are.
 * Does nothing while nothing is traced.
 */
export function traceQueries(pool: pg.Pool): void {
  if (!isTracing()) return;
  pool.on("connect", (client) => {
    const send = client.query.bind(client) as (...args: unknown[]) => unknown;
    const traced = (...args: unknown[]): unknown => {
      const text = textOf(args[0]);
      // By callback, as the pool itself asks: nothing of ours.
      if (text === null || args.some((each) => typeof each === "function")) return send(...args);
      const [verb = "SQL"] = /^[a-z]+/i.exec(text.trim()) ?? [];
      const attributes = { "db.system.name": "postgresql", "db.query.text": text.slice(0, longest) };
      return tracedWithin(`sql ${verb.toUpperCase()}`, { kind: "client", attributes }, async () =>
        send(...args),
      );
    };
    Object.assign(client, { query: traced });
  });
}

function textOf(query: unknown): string | null {
  if (typeof query === "string") return query;
  return typeof query === "object" && query !== null && "text" in query && typeof query.text === "string"
    ? query.text
    : null;
}
