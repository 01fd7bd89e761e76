import { format, stripVTControlCharacters } from "node:util";
import { log } from "./log.ts";

type Level = "debug" | "info" | "warn" | "error";

const levels = {
  debug: "debug",
  log: "info",
  info: "info",
  trace: "info",
  warn: "warn",
  error: "error",
} as const;

/**
 * Makes a record of the log of everything that this process says: by the console, by its streams, as a warning of Node's,
 * and as its last words. Text that came with a request may be in any of these, and must not begin a line of its own, which
 * would look like a record. Call it once, before anything else is loaded that may speak.
 */
export function recordOutput(): void {
  for (const [method, level] of Object.entries(levels) as [keyof typeof levels, Level][])
    console[method] = (...said: unknown[]) => record(level, said);
  for (const [stream, level] of [
    [process.stdout, "info"],
    [process.stderr, "warn"],
  ] as const)
    stream.write = writer(level) as typeof stream.write;
  // Node's own listener prints.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log.warn({ err: warning }, warning.message));
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "an error that nobody caught ended this process");
    process.exit(1);
  });
}

function record(level: Level, said: unknown[]): void {
  const error = said.find((part) => part instanceof Error);
  const words = stripVTControlCharacters(format(...said.filter((part) => part !== error))).trim();
  const message = words || (error?.message ?? "");
  if (error) log[level]({ err: error }, message);
  else if (message) log[level](message);
}

function writer(level: Level) {
  return (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    record(level, ["%s", typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8")]);
    (typeof encoding === "function" ? encoding : done)?.();
    return true;
  };
}

type Done = (error?: Error | null) => void;
