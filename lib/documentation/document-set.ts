import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { capturedWhole, isCapturedWhole, typesCapturedWhole } from "#lib/capture/captured-whole";
import { Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import { download, downloadView, streamed } from "#lib/download";
import { safeFileName } from "#lib/file-names";
import { idSchema } from "#lib/ids";
import { mergeNames } from "#lib/names/collect";
import type { Names, NamesDocument } from "#lib/names/names";
import { operation, operationInSteps } from "#lib/operation";
import { findType } from "#lib/policies/catalog";
import { reportDamage } from "#lib/sets/damaged-snapshots";
import { getSetNames } from "#lib/sets/read-names";
import { rereadingPairs } from "#lib/sets/rereadings";
import { getBackupSet } from "#lib/sets/sets";
import { provenJson } from "#lib/sets/snapshot-codec";
import { id, itemKind, sha256 } from "#lib/view-fields";
import { contextOf, readSettingKnowledge, type SettingKnowledge } from "#lib/words/context";
import { wordDifferences } from "#lib/words/differences";
import type { WordContext } from "#lib/words/schema";
import { settingIdsOf } from "#lib/words/setting-ids";
import { wordsOf } from "#lib/words/words-of";
import { csvFormat } from "./csv.ts";
import type { Cover, DocumentedPolicy, DocumentFormat, Entry } from "./document.ts";
import { htmlFormat } from "./html.ts";
import { markdownFormat } from "./markdown.ts";
import { documentQuery, documentSchema } from "./schema.ts";

/** Policies that are read at a time, with their documents. */
const policyBatch = 50;
/** Names that are read at a time. */
const entryBatch = 1_000;

const formats: Record<z.output<typeof documentSchema>["format"], () => DocumentFormat> = {
  html: htmlFormat,
  markdown: markdownFormat,
  csv: csvFormat,
};

const selection = {
  set_id: idSchema,
  policy_type: z.string().nullable(),
  search: z.string().nullable(),
};
type Selection = z.output<z.ZodObject<typeof selection>>;

/** Notes that a set is documented, and counts what will be told of it. */
const beginDocument = operation({
  name: "documentation.begin",
  permission: "set:export",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({ ...selection, format: z.string() }),
  output: z.strictObject({ told: z.int() }),
  async run({ db, audit }, { format, ...asked }) {
    audit({ action: "set.documented", target: { kind: "set", id: asked.set_id }, details: { format } });
    const [counted] = await db.$queryRaw<{ told: number }[]>`
      SELECT count(*)::int AS told FROM backup_items i WHERE ${isAsked(asked)}`;
    return { told: counted?.told ?? 0 };
  },
});

/** Where the next part of a list begins: the kind, type, name and id of the last. */
const place = z.tuple([z.string(), z.string(), z.string(), z.string()]);
type Place = z.output<typeof place>;
const start: Place = ["", "", "", ""];

const listedItem = {
  kind: itemKind,
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
};

/** Of the items of a set those that are asked for. */
function isAsked({ set_id, policy_type, search }: Selection): Prisma.Sql {
  return Prisma.sql`
    backup_set_id = ${set_id}
    AND ${policy_type === null ? Prisma.sql`true` : Prisma.sql`i.policy_type = ${policy_type}`}
    AND ${search === null ? Prisma.sql`true` : Prisma.sql`i.display_name ILIKE ${containing(search)}`}`;
}

/** The items of a set in the order of the documentation. */
function itemsAfter(asked: Selection, after: Place): Prisma.Sql {
  return Prisma.sql`
    ${isAsked(asked)}
    AND (i.kind::text, i.policy_type COLLATE "C", i.display_name COLLATE "C", i.graph_id COLLATE "C")
      > (${after[0]}, ${after[1]} COLLATE "C", ${after[2]} COLLATE "C", ${after[3]} COLLATE "C")
  ORDER BY i.kind::text, i.policy_type COLLATE "C", i.display_name COLLATE "C", i.graph_id COLLATE "C"`;
}

const listEntries = operation({
  name: "documentation.entries",
  permission: "set:export",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ ...selection, after: place }),
  output: z.array(z.strictObject(listedItem)),
  async run({ db }, { after, ...asked }) {
    return db.$queryRaw<z.output<z.ZodObject<typeof listedItem>>[]>`
      SELECT i.kind::text AS kind, i.policy_type, i.graph_id, i.display_name FROM backup_items i
      WHERE ${itemsAfter(asked, after)} LIMIT ${entryBatch}`;
  },
});

const storedItem = z.strictObject({
  ...listedItem,
  sha256,
  encoding: z.string().nullable(),
  content: z.instanceof(Uint8Array).nullable(),
  /** Of the other set, where it says something else there. */
  earlier: z
    .strictObject({ sha256, encoding: z.string().nullable(), content: z.instanceof(Uint8Array).nullable() })
    .nullable(),
  /** Whether the other set has it, or may have had it: it did not capture its type as a whole. */
  was_there: z.boolean(),
});

/** The next items with their documents; with those of another set, where they differ. */
const readItems = operation({
  name: "documentation.items",
  permission: "set:export",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ ...selection, since_set_id: id.nullable(), after: place }),
  output: z.array(storedItem),
  async run({ db, tenant }, { after, since_set_id, ...asked }) {
    const rows = await db.$queryRaw<
      (z.output<z.ZodObject<typeof listedItem>> & {
        sha256: string;
        encoding: string | null;
        content: Uint8Array<ArrayBuffer> | null;
        earlier_sha256: string | null;
        earlier_encoding: string | null;
        earlier_content: Uint8Array<ArrayBuffer> | null;
        was_there: boolean;
      })[]
    >`
      SELECT i.kind, i.policy_type, i.graph_id, i.display_name, i.sha256, s.encoding, s.content,
             e.sha256 IS NOT NULL OR NOT EXISTS (
               SELECT FROM backup_sets b WHERE b.id = ${since_set_id}
                 AND ${capturedWhole(Prisma.sql`b.manifest`, Prisma.sql`i.policy_type`)}) AS was_there, c.sha256 AS earlier_sha256, o.encoding AS earlier_encoding, o.content AS earlier_content
      FROM (SELECT i.kind::text AS kind, i.policy_type, i.graph_id, i.display_name, i.sha256 FROM backup_items i
            WHERE ${itemsAfter(asked, after)} LIMIT ${policyBatch}) i
      LEFT JOIN snapshots s ON s.tenant_id = ${tenant.id} AND s.sha256 = i.sha256
      LEFT JOIN backup_items e
        ON e.backup_set_id = ${since_set_id} AND e.policy_type = i.policy_type AND e.graph_id = i.graph_id
      LEFT JOIN LATERAL (
        SELECT e.sha256 WHERE e.sha256 <> i.sha256 AND (e.sha256, i.sha256) NOT IN (${rereadingPairs})) c ON true
      LEFT JOIN snapshots o ON o.tenant_id = ${tenant.id} AND o.sha256 = c.sha256
      ORDER BY i.kind, i.policy_type COLLATE "C", i.display_name COLLATE "C", i.graph_id COLLATE "C"`;
    return rows.map(({ earlier_sha256, earlier_encoding, earlier_content, ...row }) => ({
      ...row,
      earlier:
        earlier_sha256 === null
          ? null
          : { sha256: earlier_sha256, encoding: earlier_encoding, content: earlier_content },
    }));
  },
});

/** What is known of some settings. */
const readKnowledge = operation({
  name: "documentation.knowledge",
  permission: "set:export",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ setting_ids: z.array(z.string()) }),
  output: z.custom<SettingKnowledge>(),
  async run({ db }, { setting_ids }) {
    return readSettingKnowledge(db, setting_ids);
  },
});

/** The policies of the other set that are not in this one, of the types that this one captured whole. */
const listRemoved = operation({
  name: "documentation.removed",
  permission: "set:export",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ ...selection, since_set_id: id, whole: z.array(z.string()) }),
  output: z.array(z.strictObject({ policy_type: z.string(), display_name: z.string() })),
  async run({ db }, { since_set_id, set_id, whole, policy_type, search }) {
    return db.$queryRaw<{ policy_type: string; display_name: string }[]>`
      SELECT i.policy_type, i.display_name FROM backup_items i
      WHERE i.backup_set_id = ${since_set_id} AND i.policy_type = ANY(${whole}::text[])
        AND ${policy_type === null ? Prisma.sql`true` : Prisma.sql`i.policy_type = ${policy_type}`}
        AND ${search === null ? Prisma.sql`true` : Prisma.sql`i.display_name ILIKE ${containing(search)}`}
        AND NOT EXISTS (SELECT FROM backup_items n WHERE n.backup_set_id = ${set_id} AND n.policy_type = i.policy_type
                          AND n.graph_id = i.graph_id)
      ORDER BY i.policy_type COLLATE "C", i.display_name COLLATE "C", i.graph_id COLLATE "C"`;
  },
});

/**
 * Documents a set, or some of it, as it is built: each policy in words, its assignments, names for ids, and what changed
 * since another set. It is streamed: what is in memory is the batch in hand, and the set's names.
 * @throws AppError NOT_FOUND, FORBIDDEN, VALIDATION_FAILED; once the stream flows, it errors if the database goes away or a set is
 *   purged
 */
export const documentSet = operationInSteps({
  name: "set.document",
  permission: "set:export",
  input: documentSchema,
  output: z.strictObject({ ...downloadView.shape, mediaType: z.string() }),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/documentation",
    operationId: "documentBackupSet",
    summary: "The set as documentation for people",
    description:
      "Every policy in words with its assignments, as one HTML file that prints well, as Markdown, or as CSV with a line a " +
      "setting; with what changed since another set, if one is named.",
    tag: "Backup sets",
    query: documentQuery,
    answer: "The file, streamed: HTML, Markdown or CSV",
    mediaType: "text/html",
    respond: ({ mediaType, ...file }) => download(mediaType, file),
  },
  async run(
    { actor, tenant, now },
    { set_id, format: formatName, since_set_id, timezone, policy_type, search },
  ) {
    const set = await getBackupSet(actor, tenant.id, { set_id });
    const since =
      since_set_id === undefined ? null : await getBackupSet(actor, tenant.id, { set_id: since_set_id });
    const asked = { set_id, policy_type: policy_type ?? null, search: search ?? null };
    const { told } = await beginDocument(actor, tenant.id, { ...asked, format: formatName });
    const format = formats[formatName]();
    const inWords = (at: string | Date) =>
      new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "long", timeZone: timezone }).format(
        new Date(at),
      );
    const types = Object.entries(set.types);
    const cover: Cover = {
      tenant: tenant.name,
      schedule: set.schedule_name,
      set_id,
      made: inWords(set.created_at),
      written: inWords(now),
      items: set.item_count,
      told,
      is_complete: set.status === "success",
      missing: types.flatMap(([key, type]) => {
        const label = labelOf(key);
        if (type.skipped || !type.listed)
          return [`${label}: not read${type.error_message ? `: ${type.error_message}` : ""}`];
        if (type.failed > 0) return [`${label}: ${type.failed} of ${type.expected} could not be read`];
        return isCapturedWhole(type) ? [] : [`${label}: not known to be whole`];
      }),
      selection: selectionInWords(policy_type, search),
      manifest_sha256: set.manifest_sha256,
      since: since && { set_id: since.id, made: inWords(since.created_at) },
    };
    const encoder = new TextEncoder();
    const whole = typesCapturedWhole(set.types);
    const work = { asked, since_set_id: since?.id ?? null, whole, cover, format };
    const made = set.created_at.slice(0, 16).replace(/[:T]/g, "-");
    return {
      filename: `${safeFileName(`${tenant.name} ${set.schedule_name} ${made} set ${set.id}`, `set-${set.id}`)}.${format.extension}`,
      mediaType: format.mediaType,
      stream: streamed((write) =>
        writeDocument(actor, tenant.id, work, async (text) => {
          if (text !== "") await write(encoder.encode(text));
        }),
      ),
    };
  },
});

interface Work {
  asked: Selection;
  since_set_id: number | null;
  whole: string[];
  cover: Cover;
  format: DocumentFormat;
}

async function writeDocument(
  actor: Actor,
  tenantId: number,
  { asked, since_set_id, whole, cover, format }: Work,
  write: (text: string) => Promise<void>,
): Promise<void> {
  await write(format.begin(cover));
  let number = 1;
  for (let after = start; ; ) {
    const items = await listEntries(actor, tenantId, { ...asked, after });
    const last = items.at(-1);
    if (!last) break;
    await write(format.contents(items.map((item) => entryOf(number++, item))));
    after = placeOf(last);
  }
  await write(format.beginPolicies());
  const names = await namesOf(actor, tenantId, asked.set_id);
  // What is called otherwise by now, or had no name, is the same thing all the same.
  const eitherNames =
    since_set_id === null ? names : mergeNames(await namesOf(actor, tenantId, since_set_id), names);
  number = 1;
  for (let after = start; ; ) {
    const items = await readItems(actor, tenantId, { ...asked, since_set_id, after });
    const last = items.at(-1);
    if (!last) break;
    const batch: Batch[] = [];
    for (const item of items)
      batch.push({
        item,
        document: await documentIn(item),
        earlier: item.earlier && (await documentIn(item.earlier)),
      });
    const knowledge = await readKnowledge(actor, tenantId, {
      setting_ids: settingIdsOf(
        batch.flatMap(({ item, document, earlier }) =>
          [document, earlier].map((each) => ({ policyType: item.policy_type, document: each })),
        ),
      ),
    });
    const contexts = { now: contextOf(knowledge, names), either: contextOf(knowledge, eitherNames) };
    for (const each of batch)
      await write(format.policy(policyOf(number++, each, contexts, since_set_id !== null)));
    const damaged = batch.flatMap(({ item, document, earlier }) => [
      ...(document === null ? [item.sha256] : []),
      ...(item.earlier && earlier === null ? [item.earlier.sha256] : []),
    ]);
    await reportDamage(actor, tenantId, damaged);
    after = placeOf(last);
  }
  const removed =
    since_set_id === null ? [] : await listRemoved(actor, tenantId, { ...asked, since_set_id, whole });
  // One that was purged meanwhile reads as if it held less: whoever reads this hears of it.
  for (const set_id of [asked.set_id, since_set_id])
    if (set_id !== null) await getBackupSet(actor, tenantId, { set_id });
  await write(
    format.end(
      removed.map(({ policy_type, display_name }, n) => ({
        number: n + 1,
        type: labelOf(policy_type),
        name: display_name,
      })),
    ),
  );
}

/** An item with its document, parsed, and the one that it had in the other set, if that differs. */
interface Batch {
  item: z.output<typeof storedItem>;
  document: unknown;
  earlier: unknown;
}

function policyOf(
  number: number,
  { item, document, earlier }: Batch,
  contexts: { now: WordContext; either: WordContext },
  tellsChanges: boolean,
): DocumentedPolicy {
  const words = document === null ? null : wordsOf(item.policy_type, document, contexts.now);
  const changesSince = (before: unknown) => {
    if (document === null) return [];
    const [older, newer] = [before, document].map((each) => wordsOf(item.policy_type, each, contexts.either));
    return wordDifferences(older ?? null, newer ?? null);
  };
  return {
    ...entryOf(number, item),
    graph_id: item.graph_id,
    sha256: item.sha256,
    words,
    change:
      tellsChanges && !item.was_there
        ? { kind: "added" }
        : item.earlier && { kind: "changed", settings: earlier === null ? null : changesSince(earlier) },
  };
}

/** A stored document, parsed; null where it is damaged or missing. */
async function documentIn(stored: {
  sha256: string;
  encoding: string | null;
  content: Uint8Array<ArrayBuffer> | null;
}): Promise<unknown> {
  const { sha256, encoding, content } = stored;
  return provenJson(encoding !== null && content ? { sha256, encoding, content } : null);
}

/** Where the stored names are damaged, ids stay ids: it is for verification to tell. */
async function namesOf(actor: Actor, tenantId: number, setId: number): Promise<Names> {
  const document: Pick<NamesDocument, "names"> = await getSetNames(actor, tenantId, { set_id: setId }).catch(
    () => ({ names: {} }),
  );
  return document.names;
}

function entryOf(number: number, item: { policy_type: string; display_name: string }): Entry {
  return { number, type: labelOf(item.policy_type), name: item.display_name };
}

function placeOf(item: z.output<z.ZodObject<typeof listedItem>>): Place {
  return [item.kind, item.policy_type, item.display_name, item.graph_id];
}

function labelOf(policyType: string): string {
  return findType(policyType)?.label ?? policyType;
}

function selectionInWords(policyType: string | undefined, search: string | undefined): string | null {
  const parts = [
    ...(policyType === undefined ? [] : [`only ${labelOf(policyType)}`]),
    ...(search === undefined || search === "" ? [] : [`only names with “${search}”`]),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}
