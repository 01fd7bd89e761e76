import { createHash } from "node:crypto";
import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import type { TypeSummary } from "#lib/capture/summary";
import { typeSummaryView } from "#lib/capture/views";
import { download, downloadView, streamed } from "#lib/download";
import { safeFileName } from "#lib/file-names";
import { readExactly, writeExactly } from "#lib/graph/exact-number";
import { idSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { id, policyType, sha256 } from "#lib/view-fields";
import { reportDamage } from "./damaged-snapshots.ts";
import { ExportPaths } from "./export-paths.ts";
import { getBackupSet, presentSet, setNotFound } from "./sets.ts";
import {
  provenDocument,
  type StoredDocument,
  storedDocumentView,
  storedSnapshotView,
} from "./snapshot-codec.ts";
import { setView } from "./views.ts";
import { type Deflated, DeflatedText, ZipArchive } from "./zip-archive.ts";

/** Items that are read at a time. */
const itemBatch = 100;

const notCapturedView = z.strictObject({
  policy_type: policyType,
  ...typeSummaryView.pick({
    kind: true,
    listed: true,
    expected: true,
    captured: true,
    failed: true,
    error_code: true,
    error_message: true,
    missing: true,
  }).shape,
});

/** A type that a set does not hold whole, and why. */
type NotCaptured = z.infer<typeof notCapturedView>;

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
  /** What the ids in the policies stood for when the set was made; null when the set has no names. */
  ids:
    | {
        path: "ids.json";
        /** Of the file's bytes. */
        sha256: string;
        bytes: number;
        /** Of its canonical JSON (RFC 8785): what the set knows it by. */
        names_sha256: string;
      }
    | { missing: string }
    | null;
  /** What was asked for and is not in the set, by type; empty when the set is complete. */
  not_captured: NotCaptured[];
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
    /** What could not be captured inside the policy. */
    notes: string[];
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

/** Notes that a set is exported, and says which it is. */
const beginExport = operation({
  name: "export.begin",
  permission: "set:export",
  effect: "write",
  input: z.strictObject({ set_id: idSchema }),
  output: z.strictObject({
    tenant: z.strictObject({ id, name: z.string() }),
    set: setView,
    names: z.union([storedDocumentView, z.literal("missing"), z.null()]),
    names_sha256: sha256.nullable(),
    not_captured: z.array(notCapturedView),
    now: z.date(),
  }),
  async run({ db, tenant, now, audit }, { set_id }) {
    const row = await db.backupSet.findFirst({
      where: { id: set_id },
      include: {
        schedule: { select: { name: true } },
        names: { select: { sha256: true, encoding: true, content: true } },
      },
    });
    if (!row) throw setNotFound();
    audit({
      action: "set.exported",
      target: { kind: "set", id: set_id },
      details: { items: row.item_count, schedule_name: row.schedule.name },
    });
    const names = row.names ?? (row.names_sha256 === null ? null : ("missing" as const));
    return {
      tenant: { id: tenant.id, name: tenant.name },
      set: presentSet(row),
      names,
      names_sha256: row.names_sha256,
      not_captured: notCapturedOf(row.manifest as unknown as { types: Record<string, TypeSummary> }),
      now,
    };
  },
});

function notCapturedOf({ types }: { types: Record<string, TypeSummary> }): NotCaptured[] {
  return Object.entries(types)
    .filter(([, { listed, failed, error_code }]) => !listed || failed > 0 || error_code !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([policy_type, { gone: _gone, skipped: _skipped, request_id: _request, ...type }]) => ({
      policy_type,
      ...type,
    }));
}

const exportedItem = {
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
  notes: z.array(z.string()),
  item_sha256: sha256,
};
const exportedItemView = z.union([
  z.strictObject({ ...exportedItem, ...storedSnapshotView.shape }),
  z
    .strictObject({
      ...exportedItem,
      sha256: z.null(),
      encoding: z.null(),
      content: z.null(),
      bytes_logical: z.null(),
      bytes_stored: z.null(),
    })
    .meta({ description: "Its snapshot is missing" }),
]);

const itemsToExport = operation({
  name: "export.items",
  permission: "set:export",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ set_id: idSchema, after: z.tuple([z.string(), z.string()]) }),
  output: z.array(exportedItemView),
  async run({ db }, { set_id, after: [policy_type, graph_id] }) {
    return db.$queryRaw<z.infer<typeof exportedItemView>[]>`
      SELECT i.policy_type, i.graph_id, i.display_name, i.notes, i.sha256 AS item_sha256, s.*
      FROM (SELECT tenant_id, policy_type, graph_id, display_name, notes, sha256 FROM backup_items
            WHERE backup_set_id = ${set_id} AND (policy_type, graph_id) > (${policy_type}, ${graph_id})
            ORDER BY policy_type, graph_id LIMIT ${itemBatch}) i
      LEFT JOIN LATERAL (
        SELECT s.sha256, s.encoding, s.content, s.bytes_logical, s.bytes_stored FROM snapshots s
        WHERE s.tenant_id = i.tenant_id AND s.sha256 = i.sha256) s ON true
      ORDER BY i.policy_type, i.graph_id`;
  },
});

/**
 * Exports a set as a ZIP that IntuneManagement can import from: a folder a type with its names, one JSON file a policy,
 * readable (indented by two), ids.json with what the ids in them stand for, and manifest.json with the hash of every file
 * and of every policy, and with what the set does not hold. Nothing of it is held in memory but the batch in hand, the names, and the archive's directory and
 * manifest, compressed: about half a kilobyte an item.
 * @throws AppError NOT_FOUND, FORBIDDEN; once the stream flows, it errors if the database goes away
 */
export const exportSet = operationInSteps({
  name: "set.export",
  permission: "set:export",
  input: z.strictObject({ set_id: idSchema }),
  output: downloadView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/export",
    operationId: "exportBackupSet",
    summary: "The set as a ZIP",
    description:
      "A folder a type with the names that IntuneManagement imports from, one JSON file a policy, and manifest.json " +
      "with every file's hash and with what the set lacks: `not_captured` by policy type, `notes` by policy.",
    tag: "Backup sets",
    answer: "The archive, streamed",
    mediaType: "application/zip",
    respond: (file) => download("application/zip", file),
  },
  async run({ actor, tenant: { id: tenantId } }, input) {
    const { tenant, set, names, names_sha256, not_captured, now } = await beginExport(actor, tenantId, input);
    const ids = await idsFile(names);
    if (names_sha256 !== null && ids && "missing" in ids) await reportDamage(actor, tenantId, [names_sha256]);
    const head: ManifestHead = {
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
      ids: ids && "file" in ids ? ids.entry : ids,
      not_captured,
    };
    const file = ids && "file" in ids ? ids.file : null;
    const made = set.created_at.slice(0, 16).replace(/[:T]/g, "-");
    return {
      filename: `${safeFileName(`${tenant.name} ${set.schedule_name} ${made} set ${set.id}`, `set-${set.id}`)}.zip`,
      stream: streamed((write) => writeArchive(actor, tenantId, head, file, write)),
    };
  },
});

/** The sets that a copy of the tenant has, oldest first: those in the bin are on their way out. */
export const setsToExport = operation({
  name: "export.sets",
  permission: "set:export",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(z.strictObject({ id, manifest_sha256: sha256 })),
  run: ({ db }) =>
    db.backupSet.findMany({
      where: { deleted_at: null },
      select: { id: true, manifest_sha256: true },
      orderBy: { id: "asc" },
    }),
});

type ManifestHead = Omit<ExportManifest, "files" | "missing">;

async function writeArchive(
  actor: Actor,
  tenantId: number,
  head: ManifestHead,
  ids: Uint8Array | null,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const { id: set_id, item_count, created_at } = head.set;
  const archive = new ZipArchive(write, new Date(created_at));
  const paths = new ExportPaths();
  const manifest = new ManifestWriter(head);
  try {
    for (let after: [string, string] = ["", ""]; ; ) {
      const items = await itemsToExport(actor, tenantId, { set_id, after });
      const damaged: string[] = [];
      for (const item of items) {
        const { policy_type, graph_id, display_name, notes, item_sha256: policy_sha256 } = item;
        const document = item.content === null ? null : await provenDocument(item);
        if (!document) {
          const reason = item.content === null ? "its stored copy is missing" : "its stored copy is damaged";
          damaged.push(policy_sha256);
          manifest.addMissing({ policy_type, graph_id, display_name, policy_sha256, reason });
          continue;
        }
        const path = paths.pathOf(item, document);
        const file = readable(document);
        await archive.add(path, file);
        await manifest.addFile({
          path,
          sha256: createHash("sha256").update(file).digest("hex"),
          bytes: file.byteLength,
          policy_sha256,
          policy_type,
          graph_id,
          display_name,
          notes,
        });
      }
      await reportDamage(actor, tenantId, damaged);
      const last = items.at(-1);
      if (!last) break;
      after = [last.policy_type, last.graph_id];
    }
    // Fewer than the set has: either it was purged meanwhile (NOT_FOUND), or it is damaged, and the counts say so.
    if (manifest.count !== item_count) await getBackupSet(actor, tenantId, { set_id });
    if (ids) await archive.add("ids.json", ids);
    await archive.addDeflated("manifest.json", await manifest.end());
    await archive.close();
  } finally {
    manifest.discard();
  }
}

type IdsEntry = Extract<ExportManifest["ids"], { path: string }>;

/** ids.json with its entry in the manifest; why there is none; or null when the set has no names. */
async function idsFile(
  names: StoredDocument | "missing" | null,
): Promise<{ file: Uint8Array; entry: IdsEntry } | { missing: string } | null> {
  if (names === null) return null;
  if (names === "missing") return { missing: "its stored copy is missing" };
  const document = await provenDocument(names);
  if (!document) return { missing: "its stored copy is damaged" };
  const file = readable(document);
  const hash = createHash("sha256").update(file).digest("hex");
  const entry: IdsEntry = {
    path: "ids.json",
    sha256: hash,
    bytes: file.byteLength,
    names_sha256: names.sha256,
  };
  return { file, entry };
}

/** Writes manifest.json as the files come: a line for each. */
class ManifestWriter {
  readonly #text = new DeflatedText();
  readonly #missing: ExportManifest["missing"] = [];
  #head: string | null;
  #files = 0;

  constructor(head: ManifestHead) {
    // The object stays open: the files and what is missing follow.
    this.#head = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "files": [`;
  }

  /** Of the items noted so far, the missing ones as well. */
  get count(): number {
    return this.#files + this.#missing.length;
  }

  async addFile(file: ExportManifest["files"][number]): Promise<void> {
    await this.#text.write(`${this.#head ?? ","}\n    ${JSON.stringify(file)}`);
    this.#head = null;
    this.#files += 1;
  }

  addMissing(item: ExportManifest["missing"][number]): void {
    this.#missing.push(item);
  }

  async end(): Promise<Deflated> {
    const missing = JSON.stringify(this.#missing, null, 2).replaceAll("\n", "\n  ");
    await this.#text.write(`${this.#head ?? ""}\n  ],\n  "missing": ${missing}\n}\n`);
    return this.#text.end();
  }

  discard(): void {
    this.#text.discard();
  }
}

/** A stored document for people: indented. Its values are the same, so its canonical form has the stored hash. */
export function readable(document: Uint8Array): Uint8Array {
  return Buffer.from(`${writeExactly(readExactly(Buffer.from(document).toString("utf8")), 2)}\n`);
}
