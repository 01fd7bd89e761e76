import type { AuditEntryView } from "./schema.ts";

const columns = [
  "id",
  "at",
  "actor_kind",
  "actor_id",
  "actor_name",
  "action",
  "target_kind",
  "target_id",
  "target_name",
  "details",
  "address",
  "request_id",
  // Last: `npm run audit:verify -- --anchors` looks for them at the end of a line.
  "sequence",
  "hash",
] as const;

/** The first line. With it the mark by which spreadsheets know that the file is UTF-8. */
export const csvHead = `\u{FEFF}${columns.join(",")}\r\n`;

/** One line (RFC 4180). Details are one cell of JSON. */
export function csvLine(entry: AuditEntryView): string {
  const row = { ...entry, details: JSON.stringify(entry.details) };
  return `${columns.map((column) => csvCell(row[column])).join(",")}\r\n`;
}

/**
 * A value as a CSV cell. Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
 * Injection"): also behind blanks, and the full-width forms that some programs take for the signs.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const harmless = /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$|^'/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
