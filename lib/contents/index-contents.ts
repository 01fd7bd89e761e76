import { z } from "zod";
import { contentsActor, dispatcherActor } from "#lib/access/actor";
import { allTenantIds } from "#lib/access/all-tenants";
import { Prisma } from "#lib/db/generated/client";
import { operation } from "#lib/operation";
import { provenJson, storedDocumentView } from "#lib/sets/snapshot-codec";
import { sha256 } from "#lib/view-fields";
import { keyOf, segmentOf } from "./segment.ts";
import {
  addSegment,
  indexedKeys,
  lockSegments,
  removeFromSegments,
  removeOutdatedSegments,
  segmentMost,
} from "./segments.ts";
import { termRules, termsOf } from "./terms.ts";

/** Documents in memory at once. */
const page = 100;

/** After so many days, all snapshots are compared with the index again, whatever became of either. */
const wholeDays = 7;

/**
 * What the index lacks of a tenant's snapshots, those of a type together; and, where all were looked at, what it has of
 * those that are gone. It looks at what was stored since the last time, and at all where the index was lost or other rules have
 * made it.
 */
const findUnindexed = operation({
  name: "contents.find_unindexed",
  permission: "contents:index",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({}),
  output: z.strictObject({
    lacking: z.array(sha256),
    gone: z.array(z.string()),
    /** What is to be noted once all of it is stored. */
    look: z.strictObject({ at: z.date(), is_whole: z.boolean() }),
  }),
  async run({ db, tenant }) {
    // A transaction that stores a snapshot may have begun before the last look, and ended after it.
    const [look] = await db.$queryRaw<{ at: Date; since: Date | null }[]>`
      SELECT now() AS at, (
        SELECT looked_until - interval '1 hour' FROM content_looks
        WHERE tenant_id = ${tenant.id} AND whole_at > now() - make_interval(days => ${wholeDays})
          AND term_rules = ${termRules} AND EXISTS (
            SELECT FROM content_segments c WHERE c.tenant_id = ${tenant.id} AND c.term_rules = ${termRules})) AS since`;
    const { at = new Date(0), since = null } = look ?? {};
    const stored = since === null ? Prisma.empty : Prisma.sql`AND s.created_at > ${since}::timestamptz`;
    const rows = await db.$queryRaw<{ sha256: string }[]>`
      SELECT s.sha256 FROM snapshots s
      LEFT JOIN LATERAL (SELECT r.policy_type FROM item_ranges r WHERE r.sha256 = s.sha256 LIMIT 1) r ON true
      WHERE s.tenant_id = ${tenant.id} ${stored} ORDER BY r.policy_type, s.sha256`;
    const indexed = new Set(rows.length === 0 && since !== null ? [] : await indexedKeys(db, tenant.id));
    const there = new Set(rows.map((row) => keyOf(row.sha256)));
    return {
      lacking: rows.flatMap((row) => (indexed.has(keyOf(row.sha256)) ? [] : [row.sha256])),
      gone: since === null ? [...indexed].filter((key) => !there.has(key)) : [],
      look: { at, is_whole: since === null },
    };
  },
});

/** Notes that the index has what was stored before a look. */
const noteLook = operation({
  name: "contents.note_look",
  permission: "contents:index",
  effect: "quiet",
  input: z.strictObject({ at: z.date(), is_whole: z.boolean() }),
  output: z.void(),
  async run({ db, tenant }, { at, is_whole }) {
    if (is_whole) await removeOutdatedSegments(db, tenant.id);
    await db.$executeRaw`
      INSERT INTO content_looks (tenant_id, looked_until, whole_at, term_rules)
      VALUES (${tenant.id}, ${at}::timestamptz, ${at}::timestamptz, ${termRules})
      ON CONFLICT (tenant_id) DO UPDATE SET looked_until = greatest(content_looks.looked_until, excluded.looked_until),
        whole_at = CASE WHEN ${is_whole} THEN excluded.whole_at ELSE content_looks.whole_at END,
        term_rules = excluded.term_rules`;
  },
});

const readStored = operation({
  name: "contents.read",
  permission: "contents:index",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ hashes: z.array(sha256) }),
  output: z.array(storedDocumentView),
  async run({ db, tenant }, { hashes }) {
    return db.snapshot.findMany({
      where: { tenant_id: tenant.id, sha256: { in: hashes } },
      select: { sha256: true, encoding: true, content: true },
    });
  },
});

/** Stores what was read of some snapshots; those that were removed meanwhile, or stored by another worker, are left out. */
const storeTerms = operation({
  name: "contents.store",
  permission: "contents:index",
  effect: "quiet",
  timeoutMs: 60_000,
  input: z.strictObject({
    terms: z.map(sha256, z.set(z.string())),
    gone: z.array(z.string()),
  }),
  output: z.void(),
  async run({ db, tenant }, { terms, gone }) {
    // A purge that has begun ends first, and one that comes later finds what is stored here.
    await lockSegments(db, tenant.id);
    await removeFromSegments(db, tenant.id, new Set(gone));
    const there = await db.snapshot.findMany({
      where: { tenant_id: tenant.id, sha256: { in: [...terms.keys()] } },
      select: { sha256: true },
    });
    const stillThere = new Set(there.map((row) => row.sha256));
    const indexed = new Set(await indexedKeys(db, tenant.id));
    const added = [...terms].filter(([hash]) => stillThere.has(hash) && !indexed.has(keyOf(hash)));
    if (added.length === 0) return;
    await addSegment(db, tenant.id, segmentOf(new Map(added.map(([hash, each]) => [keyOf(hash), each]))));
  },
});

/**
 * Brings the index over a tenant's contents up to date: after a run what it captured, and of older data, or where the index
 * was lost, everything. It goes on where an earlier call ended, and two at once do no harm. Damaged snapshots stay out of it.
 * @returns how many snapshots were added
 */
export async function indexContents(tenantId: number, signal?: AbortSignal): Promise<number> {
  const { lacking, gone, look } = await findUnindexed(contentsActor, tenantId, {});
  let added = 0;
  for (let at = 0; at < lacking.length || (at === 0 && gone.length > 0); at += segmentMost) {
    const batch = lacking.slice(at, at + segmentMost);
    const found = new Map<string, Set<string>>();
    for (let from = 0; from < batch.length; from += page) {
      signal?.throwIfAborted();
      const hashes = batch.slice(from, from + page);
      for (const stored of await readStored(contentsActor, tenantId, { hashes })) {
        const document = await provenJson(stored);
        if (document !== null) found.set(stored.sha256, termsOf(document));
      }
    }
    const terms = new Map<string, Set<string>>();
    for (const hash of batch) {
      const each = found.get(hash);
      if (each) terms.set(hash, each);
    }
    await storeTerms(contentsActor, tenantId, { terms, gone: at === 0 ? gone : [] });
    added += terms.size;
  }
  // Of an hour in which nothing was stored, nothing is written.
  if (lacking.length > 0 || look.is_whole) await noteLook(contentsActor, tenantId, look);
  return added;
}

/**
 * {@link indexContents} for every tenant: what a job that was lost, an upgrade or a restored backup left undone.
 * @throws AggregateError with what went wrong, at the end
 */
export async function indexAllContents(signal?: AbortSignal): Promise<number> {
  const errors: unknown[] = [];
  let added = 0;
  for (const tenantId of await allTenantIds(dispatcherActor, {})) {
    if (signal?.aborted) break;
    added += await indexContents(tenantId, signal).catch((error: unknown) => {
      errors.push(error);
      return 0;
    });
  }
  if (errors.length > 0)
    throw new AggregateError(errors, "The index of contents could not be kept everywhere");
  return added;
}
