import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { download, downloadView } from "#lib/download";
import { safeFileName } from "#lib/file-names";
import { bigIdSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { id } from "#lib/view-fields";
import { csvHead, csvLine } from "./csv.ts";
import { readEntries } from "./matching.ts";
import { sayAnchor } from "./say-anchors.ts";
import { type AuditEntryView, type AuditFilter, auditFilterSchema } from "./schema.ts";
import { auditEntryView } from "./views.ts";

/** Entries that are read at a time: with their details about 1 MB. */
const batchSize = 1000;

/** Notes that the log is exported, and fixes where the export begins: what comes later is not in it. */
const beginExport = operation({
  name: "audit.begin_export",
  permission: "audit:export",
  effect: "write",
  input: z.strictObject({ format: z.enum(["csv", "json"]), ...auditFilterSchema }),
  output: z.strictObject({
    tenant: z.strictObject({ id, name: z.string() }),
    now: z.date(),
    below: z.int().meta({ description: "Every entry so far has a smaller id" }),
  }),
  async run({ db, tenant, now, audit }, { format, ...filter }) {
    const newest = await db.auditEntry.findFirst({ orderBy: { id: "desc" }, select: { id: true } });
    audit({ action: "audit.exported", details: { format, ...filter } });
    // The file is one copy of what the log was; the service's own log has another.
    const heads = await db.$queryRaw<{ sequence: string; hash: string }[]>`
      SELECT head_sequence::text AS sequence, encode(head_hash, 'hex') AS hash FROM audit_chains WHERE chain = ${tenant.id}`;
    for (const head of heads) sayAnchor({ chain: tenant.id, ...head });
    return { tenant: { id: tenant.id, name: tenant.name }, now, below: Number(newest?.id ?? 0) + 1 };
  },
});

const exportBatch = operation({
  name: "audit.export_batch",
  permission: "audit:export",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ below: bigIdSchema, ...auditFilterSchema }),
  output: z.array(auditEntryView),
  run: ({ db }, { below, ...filter }) => readEntries(db, filter, BigInt(below), batchSize),
});

const whatIsExported =
  "Everything that the list with the same filters shows, newest first. The export is itself an entry.";

/**
 * Exports the audit log as CSV or as a JSON array, newest first: exactly what the list with the same filter shows at
 * this moment. One batch of entries is in memory at a time, read by its cursor when the reader has taken the one before.
 * @throws AppError FORBIDDEN, VALIDATION_FAILED; once the stream flows, it errors if the database goes away or the
 *   actor loses the permission
 */
export const exportAuditLog = operationInSteps({
  name: "audit.export",
  permission: "audit:export",
  input: z.strictObject({ format: z.enum(["csv", "json"]), ...auditFilterSchema }),
  output: downloadView,
  http: [
    {
      method: "GET",
      path: "/tenants/{tenantId}/audit-log/export.csv",
      operationId: "exportAuditLogCsv",
      summary: "The audit log as CSV",
      description: whatIsExported,
      tag: "Audit log",
      fixed: { format: "csv" },
      answer:
        "UTF-8 with a mark for spreadsheets, one line an entry; text that they would run as a formula begins with an apostrophe",
      mediaType: "text/csv",
      respond: (file) => download("text/csv; charset=utf-8", file),
    },
    {
      method: "GET",
      path: "/tenants/{tenantId}/audit-log/export.json",
      operationId: "exportAuditLogJson",
      summary: "The audit log as one JSON file",
      description: whatIsExported,
      tag: "Audit log",
      fixed: { format: "json" },
      answer: "A JSON array of entries, streamed",
      mediaType: "application/json",
      respond: (file) => download("application/json; charset=utf-8", file),
    },
  ],
  async run({ actor, tenant: { id: tenantId } }, { format, ...filter }) {
    const { tenant, now, below } = await beginExport(actor, tenantId, { format, ...filter });
    const chunks = (format === "csv" ? csvChunks : jsonChunks)(batches(actor, tenantId, filter, below));
    const day = now.toISOString().slice(0, 10);
    return {
      filename: `${safeFileName(`${tenant.name} audit log ${day}`, `audit-log-${day}`)}.${format}`,
      stream: streamOf(chunks),
    };
  },
});

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
