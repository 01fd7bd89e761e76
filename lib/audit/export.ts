import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { safeFileName } from "#lib/file-names";
import { bigIdSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { csvHead, csvLine } from "./csv.ts";
import { readEntries } from "./matching.ts";
import { type AuditEntryView, type AuditFilter, auditFilterSchema } from "./schema.ts";

export type AuditExportFormat = "csv" | "json";

/** Entries that are read at a time: with their details about 1 MB. */
const batchSize = 1000;

/** Notes that the log leaves the house, and fixes where the export begins: what comes later is not in it. */
const beginExport = operation({
  name: "audit.export",
  permission: "audit:export",
  effect: "write",
  input: z.strictObject({ format: z.enum(["csv", "json"]), ...auditFilterSchema }),
  async run({ db, tenant, now, audit }, { format, ...filter }) {
    const newest = await db.auditEntry.findFirst({ orderBy: { id: "desc" }, select: { id: true } });
    audit({ action: "audit.exported", details: { format, ...filter } });
    return { tenant, now, below: Number(newest?.id ?? 0) + 1 };
  },
});

const exportBatch = operation({
  name: "audit.export_batch",
  permission: "audit:export",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ below: bigIdSchema, ...auditFilterSchema }),
  run: ({ db }, { below, ...filter }): Promise<AuditEntryView[]> =>
    readEntries(db, filter, BigInt(below), batchSize),
});

/** A file on its way out. */
export interface AuditExport {
  /** A name for the download: safe on every system. */
  filename: string;
  /** UTF-8. It is made as it is read, and ends when the reader cancels. */
  stream: ReadableStream<Uint8Array>;
}

/**
 * Exports the audit log as CSV or as a JSON array, newest first: exactly what the list with the same filter shows at
 * this moment. One batch of entries is in memory at a time, read by its cursor when the reader has taken the one before.
 * @throws AppError FORBIDDEN, VALIDATION_FAILED; once the stream flows, it errors if the database goes away or the
 *   actor loses the permission
 */
export async function exportAuditLog(
  actor: Actor,
  tenantId: number,
  { format, ...filter }: { format: AuditExportFormat } & AuditFilter,
): Promise<AuditExport> {
  const { tenant, now, below } = await beginExport(actor, tenantId, { format, ...filter });
  const chunks = (format === "csv" ? csvChunks : jsonChunks)(batches(actor, tenantId, filter, below));
  const day = now.toISOString().slice(0, 10);
  return {
    filename: `${safeFileName(`${tenant.name} audit log ${day}`, `audit-log-${day}`)}.${format}`,
    stream: streamOf(chunks),
  };
}

/** The next chunk is made when the one before has been taken, and none after the reader has left. */
function streamOf(chunks: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

async function* batches(
  actor: Actor,
  tenantId: number,
  filter: AuditFilter,
  below: number,
): AsyncGenerator<AuditEntryView[]> {
  for (let next = below; ; ) {
    const entries = await exportBatch(actor, tenantId, { ...filter, below: next });
    if (entries.length > 0) yield entries;
    const last = entries.at(-1);
    if (!last || entries.length < batchSize) return;
    next = last.id;
  }
}

async function* csvChunks(read: AsyncIterable<AuditEntryView[]>): AsyncGenerator<string> {
  yield csvHead;
  for await (const entries of read) yield entries.map(csvLine).join("");
}

async function* jsonChunks(read: AsyncIterable<AuditEntryView[]>): AsyncGenerator<string> {
  let separator = "[\n";
  for await (const entries of read) {
    yield `${separator}${entries.map((entry) => JSON.stringify(entry)).join(",\n")}`;
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}
