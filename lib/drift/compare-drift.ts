import { z } from "zod";
import { driftActor } from "#lib/access/actor";
import { typesCapturedWhole } from "#lib/capture/captured-whole";
import type { TypeSummary } from "#lib/capture/summary";
import { Prisma } from "#lib/db/generated/client";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { rereadingPairs } from "#lib/sets/rereadings";
import { provenJson, type StoredDocument, storedDocumentView } from "#lib/sets/snapshot-codec";
import { sha256 } from "#lib/view-fields";
import { lockDrift } from "./lock.ts";
import { renewSayings } from "./renew-sayings.ts";
import { isOfThisForm, sayingHash } from "./saying.ts";
import { tellDrift } from "./tell.ts";

const counts = z.strictObject({ differing: z.int(), gone: z.int() });

/** What a comparison came to; null: there was nothing to compare, a newer set was compared before, or the baseline is another. */
type Compared = z.infer<typeof counts> | null;

/** Documents that one transaction reads. */
const batch = 500;

/**
 * Compares a set with its tenant's baseline, and keeps the differences. What the set did not read is neither a difference nor
 * gone; a type that a newer set has shown meanwhile stays as that one has it, and a baseline that is another meanwhile is left to
 * the job that came with it.
 * @param setId null: the newest set of each schedule, since the baseline is another
 * @throws AppError NOT_FOUND for a tenant that is not there
 */
export async function compareDrift(tenantId: number, setId: number | null): Promise<Compared> {
  const sets = await findSets(driftActor, tenantId, { set_id: setId });
  const all: NonNullable<Compared>[] = [];
  for (const { id, isAcrossTenants, baselineSetAt } of sets) {
    if (isAcrossTenants) await learnSayings(tenantId, id);
    const compared = await compareSet(driftActor, tenantId, { set_id: id, baseline_set_at: baselineSetAt });
    if (compared) all.push(compared);
  }
  if (all.length === 0) return null;
  return {
    differing: all.reduce((sum, { differing }) => sum + differing, 0),
    gone: all.reduce((sum, { gone }) => sum + gone, 0),
  };
}

/** The sets to compare, older ones first: where several have a type, the newest has the last word. */
const findSets = operation({
  name: "drift.find_sets",
  permission: "drift:compare",
  effect: "read",
  input: z.strictObject({ set_id: idSchema.nullable() }),
  output: z.array(z.strictObject({ id: idSchema, isAcrossTenants: z.boolean(), baselineSetAt: z.date() })),
  async run({ db, tenant }, { set_id }) {
    // The tenant was as its own baseline when that was made: what was before says nothing.
    return db.$queryRaw<{ id: number; isAcrossTenants: boolean; baselineSetAt: Date }[]>`
      SELECT s.id, b.source_tenant_id <> b.tenant_id AS "isAcrossTenants", b.set_at AS "baselineSetAt"
      FROM baselines b JOIN backup_sets s ON s.tenant_id = b.tenant_id
      WHERE b.tenant_id = ${tenant.id} AND (b.source_tenant_id <> b.tenant_id OR s.id >= b.source_set_id)
        AND s.id IN (${
          set_id === null
            ? Prisma.sql`SELECT max(id) FROM backup_sets WHERE tenant_id = ${tenant.id} GROUP BY backup_schedule_id`
            : Prisma.sql`${set_id}`
        })
      ORDER BY s.id`;
  },
});

/** Works out what the documents of a set say in whatever tenant, as far as that is not known: once for each. */
async function learnSayings(tenantId: number, setId: number): Promise<void> {
  for (let after = ""; ; ) {
    const documents = await unknownDocuments(driftActor, tenantId, { set_id: setId, after });
    const sayings: z.input<typeof sayingsInput>["sayings"] = [];
    for (const document of documents) {
      const parsed = await provenJson(document);
      // A damaged one equals nothing, until a run has put it back.
      if (parsed !== null) sayings.push({ sha256: document.sha256, saying: sayingHash(parsed) });
    }
    if (sayings.length > 0) await keepSayings(driftActor, tenantId, { sayings });
    const last = documents.at(-1);
    if (!last || documents.length < batch) return;
    after = last.sha256;
  }
}

const unknownDocuments = operation({
  name: "drift.unknown_documents",
  permission: "drift:compare",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ set_id: idSchema, after: z.string() }),
  output: z.array(storedDocumentView),
  async run({ db, tenant }, { set_id, after }) {
    return db.$queryRaw<StoredDocument[]>`
      SELECT s.sha256, s.encoding, s.content FROM snapshots s
      WHERE s.tenant_id = ${tenant.id} AND s.sha256 > ${after} AND s.sha256 IN (
          SELECT i.sha256 FROM backup_items i JOIN baseline_types t USING (tenant_id, policy_type)
          WHERE i.backup_set_id = ${set_id})
        AND NOT EXISTS (
          SELECT FROM document_sayings d
          WHERE d.tenant_id = s.tenant_id AND d.sha256 = s.sha256 AND ${isOfThisForm("d.saying")})
      ORDER BY s.sha256 LIMIT ${batch}`;
  },
});

const sayingsInput = z.strictObject({
  sayings: z.array(z.strictObject({ sha256, saying: z.string().length(64) })),
});

const keepSayings = operation({
  name: "drift.keep_sayings",
  permission: "drift:compare",
  effect: "quiet",
  input: sayingsInput,
  output: z.void(),
  async run({ db, tenant }, { sayings }) {
    const hashes = sayings.map((each) => each.sha256);
    await db.$executeRaw`
      DELETE FROM document_sayings
      WHERE tenant_id = ${tenant.id} AND sha256 = ANY(${hashes}::char(64)[]) AND NOT ${isOfThisForm("saying")}`;
    await db.$executeRaw`
      INSERT INTO document_sayings (tenant_id, sha256, saying)
      SELECT s.tenant_id, s.sha256, r.saying
      FROM jsonb_to_recordset(${JSON.stringify(sayings)}::jsonb) AS r(sha256 char(64), saying char(64))
      JOIN snapshots s ON s.tenant_id = ${tenant.id} AND s.sha256 = r.sha256
      ON CONFLICT DO NOTHING`;
  },
});

const compareSet = operation({
  name: "drift.compare",
  permission: "drift:compare",
  effect: "quiet",
  timeoutMs: 120_000,
  input: z.strictObject({ set_id: idSchema, baseline_set_at: z.date() }),
  output: counts.nullable(),
  async run({ db, tenant }, { set_id, baseline_set_at }) {
    await lockDrift(db, tenant.id);
    // Of another baseline neither the choice of the sets nor what was learned of them holds.
    const baseline = await db.baseline.findFirst({
      where: { set_at: baseline_set_at },
      select: { source_tenant_id: true },
    });
    const set = await db.backupSet.findFirst({
      where: { id: set_id },
      select: { id: true, backup_schedule_id: true, manifest: true },
    });
    if (!baseline || !set) return null;
    if (baseline.source_tenant_id !== tenant.id) await renewSayings(db, tenant.id);
    const types = (set.manifest as unknown as { types?: Record<string, TypeSummary> }).types ?? {};
    const watched = await db.$queryRaw<{ policy_type: string; is_first: boolean }[]>`
      WITH before AS (SELECT policy_type, compared_set_id FROM baseline_types WHERE tenant_id = ${tenant.id})
      UPDATE baseline_types t SET compared_set_id = ${set_id}, compared_at = now() FROM before b
      WHERE t.tenant_id = ${tenant.id} AND t.policy_type = b.policy_type
        AND t.policy_type = ANY(${Object.keys(types)}::text[]) AND coalesce(t.compared_set_id, 0) < ${set_id}
      RETURNING t.policy_type, b.compared_set_id IS NULL AS is_first`;
    if (watched.length === 0) return null;
    const [compared] = await db.$queryRaw<z.infer<typeof counts>[]>(
      comparison({
        tenant_id: tenant.id,
        set,
        types: watched.map(({ policy_type }) => policy_type),
        anew: watched.filter(({ is_first }) => is_first).map(({ policy_type }) => policy_type),
        whole: typesCapturedWhole(types),
        pairs: baseline.source_tenant_id === tenant.id ? pairsById : pairsByName,
      }),
    );
    await tellDrift(db, tenant.id, { comparedSetId: set_id });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "drift", id: null }]);
    return compared ?? null;
  },
});

/** Policies of one tenant are the same when type and Graph id are. */
const pairsById = Prisma.sql`
  SELECT policy_type, ${sides()} FROM base b FULL JOIN live l USING (policy_type, graph_id)`;

/**
 * Policies of two tenants meet by type and name, as comparisons by name pair them (`pairUp`): first those that say the same,
 * then what is left, in the order of their ids.
 */
const pairsByName = Prisma.sql`
  SELECT b.policy_type, ${sides()} FROM ${alike()}
  UNION ALL
  SELECT policy_type, ${sides()}
  FROM (SELECT *, row_number() OVER (PARTITION BY policy_type, name ORDER BY graph_id COLLATE "C") AS nth FROM base
        WHERE (policy_type, graph_id) NOT IN (SELECT b.policy_type, b.graph_id FROM ${alike()})) b
  FULL JOIN
       (SELECT *, row_number() OVER (PARTITION BY policy_type, name ORDER BY graph_id COLLATE "C") AS nth FROM live
        WHERE (policy_type, graph_id) NOT IN (SELECT l.policy_type, l.graph_id FROM ${alike()})) l
  USING (policy_type, name, nth)`;

function alike(): Prisma.Sql {
  return Prisma.sql`base b JOIN live l
    ON l.policy_type = b.policy_type AND l.name = b.name AND l.hash = b.hash AND l.nth_alike = b.nth_alike`;
}

function sides(): Prisma.Sql {
  return Prisma.sql`coalesce(l.kind, b.kind) AS item_kind, coalesce(l.display_name, b.display_name) AS display_name,
    b.graph_id AS base_id, b.hash AS base_hash, b.base_whole, l.graph_id AS live_id, l.hash AS live_hash,
    l.sha256 AS live_sha256, l.item_id`;
}

/**
 * One statement: judges every policy of the watched types, keeps the differences with what people decided about them, and ends
 * those that are none any more.
 * @param anew those of the types that have not been compared with this baseline before
 */
function comparison({
  tenant_id,
  set,
  types,
  anew,
  whole,
  pairs,
}: {
  tenant_id: number;
  set: { id: number; backup_schedule_id: number };
  types: readonly string[];
  anew: readonly string[];
  whole: readonly string[];
  pairs: Prisma.Sql;
}): Prisma.Sql {
  const isOver = Prisma.sql`coalesce(d.state = 'accepted' AND d.accepted_until <= now(), false)`;
  const isAsBefore = Prisma.sql`(
    ${same("excluded.baseline_hash", "d.baseline_hash")} AND ${same("excluded.live_hash", "d.live_hash")})`;
  const isAsDecided = Prisma.sql`(
    ${same("excluded.baseline_hash", "d.decided_baseline_hash")} AND ${same("excluded.live_hash", "d.decided_live_hash")})`;
  // Whether the baseline says of the policy what it said when the difference was found; of an added one, nothing. In another tenant's
  // baseline that has a pair now, and is not new, it was the tenant that made them alike.
  const isOfSameBaseline = Prisma.sql`
    CASE WHEN d.kind = 'added' THEN NOT EXISTS (
           SELECT FROM judged j WHERE j.policy_type = d.policy_type AND (
             j.base_id = d.graph_id OR (j.live_id = d.graph_id AND j.base_id IS NOT NULL
                                        AND j.policy_type = ANY(${anew}::text[]))))
         ELSE EXISTS (
           SELECT FROM base i WHERE i.policy_type = d.policy_type AND i.graph_id = d.graph_id
             AND ${same("i.hash", "d.baseline_hash")}) END`;
  return Prisma.sql`
    WITH watched AS MATERIALIZED (
      SELECT policy_type, is_whole AS base_whole, policy_type = ANY(${whole}::text[]) AS set_whole FROM baseline_types
      WHERE tenant_id = ${tenant_id} AND policy_type = ANY(${types}::text[])
    ), base AS MATERIALIZED (
      SELECT w.base_whole, i.kind, i.policy_type, i.graph_id, i.display_name, lower(i.display_name) AS name, i.hash,
             row_number() OVER (PARTITION BY i.policy_type, lower(i.display_name), i.hash
                                ORDER BY i.graph_id COLLATE "C") AS nth_alike
      FROM baseline_items i JOIN watched w USING (policy_type) WHERE i.tenant_id = ${tenant_id}
    ), live AS MATERIALIZED (
      SELECT r.id AS item_id, r.kind, r.policy_type, r.graph_id, r.display_name, lower(r.display_name) AS name, r.sha256,
             coalesce(s.saying, r.sha256) AS hash,
             row_number() OVER (PARTITION BY r.policy_type, lower(r.display_name), coalesce(s.saying, r.sha256)
                                ORDER BY r.graph_id COLLATE "C") AS nth_alike
      FROM item_ranges r JOIN watched w USING (policy_type)
      LEFT JOIN document_sayings s ON s.tenant_id = r.tenant_id AND s.sha256 = r.sha256
        AND EXISTS (SELECT FROM baselines WHERE tenant_id = ${tenant_id} AND source_tenant_id <> tenant_id)
      WHERE r.backup_schedule_id = ${set.backup_schedule_id} AND r.until_set_id > ${set.id} AND r.from_set_id <= ${set.id}
    ), pairs AS MATERIALIZED (${pairs}
    ), judged AS MATERIALIZED (
      SELECT p.*, w.set_whole, coalesce(base_id, live_id) AS graph_id,
             CASE
               WHEN base_id IS NULL THEN CASE WHEN w.base_whole THEN 'added' END
               WHEN live_id IS NULL THEN CASE WHEN w.set_whole THEN 'removed' ELSE 'unread' END
               WHEN base_hash = live_hash OR (base_hash, live_hash) IN (${rereadingPairs}) THEN NULL
               ELSE 'changed'
             END AS kind
      FROM pairs p JOIN watched w USING (policy_type)
    ), kept AS (
      INSERT INTO drifts AS d (tenant_id, kind, item_kind, policy_type, graph_id, live_graph_id, display_name, baseline_hash,
                               live_hash, live_sha256, live_item_id, found_set_id, seen_set_id)
      SELECT ${tenant_id}, kind, item_kind, policy_type, graph_id, live_id, display_name, base_hash, live_hash, live_sha256,
             item_id, ${set.id}, ${set.id}
      FROM judged WHERE kind IN ('added', 'removed', 'changed')
      ON CONFLICT (tenant_id, policy_type, graph_id, (kind = 'added')) WHERE gone_at IS NULL DO UPDATE SET
        kind = excluded.kind, item_kind = excluded.item_kind, live_graph_id = excluded.live_graph_id,
        display_name = excluded.display_name, baseline_hash = excluded.baseline_hash, live_hash = excluded.live_hash,
        live_sha256 = excluded.live_sha256, live_item_id = excluded.live_item_id, seen_set_id = excluded.seen_set_id,
        changed_at = CASE WHEN ${isAsBefore} THEN d.changed_at ELSE now() END,
        version = d.version + CASE WHEN ${isAsBefore} AND NOT ${isOver} THEN 0 ELSE 1 END,
        -- What was accepted is watched on: it is new again once it is something else, or its time is over.
        state = CASE WHEN d.state = 'accepted' AND (${isOver} OR NOT ${isAsDecided}) THEN 'new' ELSE d.state END,
        -- Of both, its time was over first: so it has been shown since, also where no tick came by.
        renewed = CASE WHEN d.state <> 'accepted' THEN d.renewed
                       WHEN ${isOver} THEN 'expired' WHEN NOT ${isAsDecided} THEN 'changed' END
      RETURNING 1
    ), ended AS (
      UPDATE drifts d SET gone_at = now(), seen_set_id = ${set.id}, version = version + 1,
        gone_why = CASE WHEN ${isOfSameBaseline} THEN 'returned' ELSE 'baseline_changed' END
      WHERE d.tenant_id = ${tenant_id} AND d.gone_at IS NULL AND d.policy_type IN (SELECT policy_type FROM watched)
        -- Whether there is something left of a policy that the set did not read, nobody knows.
        AND (d.policy_type IN (SELECT policy_type FROM watched WHERE set_whole)
             OR (d.policy_type, d.graph_id) IN (SELECT policy_type, base_id FROM judged WHERE kind IS NULL AND base_id IS NOT NULL))
        AND (d.policy_type, d.graph_id, d.kind = 'added') NOT IN (
          SELECT policy_type, graph_id, kind = 'added' FROM judged WHERE kind IS NOT NULL)
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM kept)::int AS differing, (SELECT count(*) FROM ended)::int AS gone`;
}

/** Whether two hashes are of one and the same policy; of one that is not there, null. */
function same(one: string, other: string): Prisma.Sql {
  const [a, b] = [Prisma.raw(one), Prisma.raw(other)];
  return Prisma.sql`coalesce(${a} IS NOT DISTINCT FROM ${b} OR (${a}, ${b}) IN (${rereadingPairs}), false)`;
}
