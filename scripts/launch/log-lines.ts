import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { styleText } from "node:util";

export type Color = "cyan" | "green" | "magenta" | "yellow";

const levels: Record<string, string> = {
  10: "trace",
  20: "debug",
  30: "",
  40: "warning",
  50: "error",
  60: "fatal",
  trace: "trace",
  debug: "debug",
  info: "",
  warn: "warning",
  error: "error",
  fatal: "fatal",
};

/** Prints each line of a stream behind the name of the process it comes from. */
export function printLines(stream: Readable, name: string, color: Color): void {
  const prefix = styleText(color, `${name.padEnd(8)}│`);
  createInterface({ input: stream }).on("line", (line) => console.log(`${prefix} ${readable(line)}`));
}

/**
 * A line as a person reads it: JSON of a pino log becomes its message and the other fields, in short. Anything else, such
 * as the last words of a process that crashed, is marked as what it is. Whatever is in it stays on this one line.
 */
export function readable(line: string): string {
  const entry = parseEntry(line);
  if (!entry) return `(not a record) ${onOneLine(line)}`;
  const { level, time, msg, err, ...rest } = entry;
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const failure =
    err && typeof err === "object" && "message" in err && err.message !== msg ? [String(err.message)] : [];
  const words = [...clockOf(time), levels[String(level)] ?? "", String(msg), ...failure, ...fields];
  return onOneLine(words.filter(Boolean).join(" "));
}

/** From milliseconds or ISO 8601, as LOG_FORMAT has it. */
function clockOf(time: unknown): string[] {
  const at = new Date(typeof time === "number" || typeof time === "string" ? time : Number.NaN);
  return Number.isNaN(at.getTime()) ? [] : [at.toISOString().slice(11, 19)];
}

/** Control characters, which would move the cursor or begin a line, and those that turn the direction of text, as JSON has them. */
function onOneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{"level":')) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    return entry && typeof entry === "object" && "msg" in entry ? { ...entry } : undefined;
  } catch {
    return undefined;
  }
}
