import { createHash } from "node:crypto";
import { configure, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { ExportPaths, safeFileName } from "./export-names.ts";
import { getBackupSet, presentSet, setNotFound } from "./sets.ts";
import { provenDocument, type StoredSnapshot } from "./snapshot-codec.ts";

configure({ useWebWorkers: false });

/** Items that are read at a time. */
const itemBatch = 100;

/** manifest.json in an export. */
export interface ExportManifest {
  format: "tenantpilot-export";
  version: 1;
  tenant: { id: number; name: string };
  set: {
    id: number;
    schedule_name: string;
    status: "success" | "partial";
    created_at: string;
    item_count: number;
    manifest_sha256: string;
  };
  exported_at: string;
  files: {
    path: string;
    /** Of the file's bytes. */
    sha256: string;
    bytes: number;
    /** Of the policy's canonical JSON (RFC 8785): what the backup knows it by. */
    policy_sha256: string;
    policy_type: string;
    graph_id: string;
    display_name: string;
  }[];
  /** Items whose stored copy is damaged or missing: they are not in the archive. */
  missing: {
    policy_type: string;
    graph_id: string;
    display_name: string;
    policy_sha256: string;
    reason: string;
  }[];
}

/** Notes that a set leaves the house, and says which it is. */
const beginExport = operation({
  name: "set.export",
  permission: "set:export",
  effect: "write",
  input: z.strictObject({ set_id: idSchema }),
  async run({ db, tenant, now, audit }, { set_id }) {
    const row = await db.backupSet.findFirst({
      where: { id: set_id },
      include: { schedule: { select: { name: true } } },
    });
    if (!row) throw setNotFound();
    audit({
      action: "set.exported",
      target: { kind: "set", id: set_id },
      details: { items: row.item_count, schedule_name: row.schedule.name },
    });
    return { tenant, set: presentSet(row), now };
  },
});

const itemsToExport = operation({
  name: "export.items",
  permission: "set:export",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ set_id: idSchema, after: z.tuple([z.string(), z.string()]) }),
  async run({ db }, { set_id, after: [policy_type, graph_id] }) {
    return db.$queryRaw<
      ({ policy_type: string; graph_id: string; display_name: string; item_sha256: string } & (
        | StoredSnapshot
        | { content: null }
      ))[]
    >`
      SELECT i.policy_type, i.graph_id, i.display_name, i.sha256 AS item_sha256, s.*
      FROM (SELECT tenant_id, policy_type, graph_id, display_name, sha256 FROM backup_items
            WHERE backup_set_id = ${set_id} AND (policy_type, graph_id) > (${policy_type}, ${graph_id})
            ORDER BY policy_type, graph_id LIMIT ${itemBatch}) i
      LEFT JOIN LATERAL (
        SELECT s.sha256, s.encoding, s.content, s.bytes_logical, s.bytes_stored FROM snapshots s
        WHERE s.tenant_id = i.tenant_id AND s.sha256 = i.sha256) s ON true
      ORDER BY i.policy_type, i.graph_id`;
  },
});

/** An archive on its way out. */
export interface SetExport {
  /** A name for the download: safe on every system. */
  filename: string;
  /** The ZIP. It is made as it is read, and ends when the reader cancels. */
  stream: ReadableStream<Uint8Array>;
}

/**
 * Exports a set as a ZIP that IntuneManagement can import from: a folder a type with its names, one JSON file a policy,
 * readable (indented by two), and manifest.json with the hash of every file and of every policy. Nothing of it is held
 * in memory but the batch in hand and the list of names.
 * @throws AppError NOT_FOUND, FORBIDDEN; once the stream flows, it errors if the database goes away
 */
export async function exportSet(
  actor: Actor,
  tenantId: number,
  input: { set_id: number },
): Promise<SetExport> {
  const { tenant, set, now } = await beginExport(actor, tenantId, input);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const manifest: ExportManifest = {
    format: "tenantpilot-export",
    version: 1,
    tenant,
    set: {
      id: set.id,
      schedule_name: set.schedule_name,
      status: set.status,
      created_at: set.created_at,
      item_count: set.item_count,
      manifest_sha256: set.manifest_sha256,
    },
    exported_at: now.toISOString(),
    files: [],
    missing: [],
  };
  // The reader hears of trouble through the stream; one that has left needs to hear of nothing.
  writeArchive(actor, tenantId, manifest, writable).catch((error: unknown) =>
    writable.abort(error).catch(() => {}),
  );
  const made = set.created_at.slice(0, 16).replace(/[:T]/g, "-");
  return {
    filename: `${safeFileName(`${tenant.name} ${set.schedule_name} ${made} set ${set.id}`, `set-${set.id}`)}.zip`,
    stream: readable,
  };
}

async function writeArchive(
  actor: Actor,
  tenantId: number,
  manifest: ExportManifest,
  writable: WritableStream<Uint8Array>,
): Promise<void> {
  const zip = new ZipWriter(writable, { lastModDate: new Date(manifest.set.created_at), level: 6 });
  const paths = new ExportPaths();
  for (let after: [string, string] = ["", ""]; ; ) {
    const items = await itemsToExport(actor, tenantId, { set_id: manifest.set.id, after });
    for (const item of items) {
      const { policy_type, graph_id, display_name, item_sha256: policy_sha256 } = item;
      const document = item.content === null ? null : await provenDocument(item);
      if (!document) {
        const reason = item.content === null ? "its stored copy is missing" : "its stored copy is damaged";
        manifest.missing.push({ policy_type, graph_id, display_name, policy_sha256, reason });
        continue;
      }
      const path = paths.pathOf(item);
      const file = readable(document);
      await zip.add(path, new Uint8ArrayReader(file));
      manifest.files.push({
        path,
        sha256: createHash("sha256").update(file).digest("hex"),
        bytes: file.byteLength,
        policy_sha256,
        policy_type,
        graph_id,
        display_name,
      });
    }
    const last = items.at(-1);
    if (!last) break;
    after = [last.policy_type, last.graph_id];
  }
  // Fewer than the set has: either it was purged meanwhile (NOT_FOUND), or it is damaged, and the counts say so.
  if (manifest.files.length + manifest.missing.length !== manifest.set.item_count) {
    await getBackupSet(actor, tenantId, { set_id: manifest.set.id });
  }
  await zip.add("manifest.json", new Uint8ArrayReader(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)));
  await zip.close();
}

/** A stored document for people: indented. Its values are the same, so its canonical form has the stored hash. */
function readable(document: Uint8Array): Uint8Array {
  return Buffer.from(`${JSON.stringify(JSON.parse(Buffer.from(document).toString("utf8")), null, 2)}\n`);
}
