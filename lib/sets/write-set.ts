import { typesCapturedWhole } from "#lib/capture/captured-whole";
import type { TypeSummary } from "#lib/capture/summary";
import type { EntraTenant } from "#lib/connection/schema";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { catalogRevision } from "#lib/policies/catalog";
import { type LackingSet, sinceLastSeen } from "./caught-up.ts";
import { predecessorOf } from "./predecessor.ts";
import {
  hasSameVolatile,
  isOpen,
  lockRanges,
  movedVolatiles,
  newestVolatile,
  saysTheSame,
} from "./ranges.ts";
import type { StoredSnapshot } from "./snapshot-codec.ts";
import { type WholeBefore, wholeBefore } from "./whole-before.ts";

export interface SetInput {
  tenant_id: number;
  backup_schedule_id: number;
  run_id: number;
  attempt: number;
  status: "success" | "partial";
  types: Record<string, TypeSummary>;
  /** What the ids in the items stand for. */
  names: StoredSnapshot | null;
  /** Where the items were read: the connection may lead elsewhere later. Null where that is not known. */
  read_from: EntraTenant | null;
}

export interface WrittenSet {
  id: number;
  item_count: number;
  bytes: { logical: number; stored: number; added: number };
  changes: ChangeCounts;
  /** The part of the changes that is of policies which the set before lacks, by the set that they are compared with. */
  caught_up: { set_id: number; changes: ChangeCounts }[];
}

interface ChangeCounts {
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
}

/** What an attempt had found unchanged is not there any more: its set would not be whole. */
export class RangesGone extends Error {
  constructor(runId: number) {
    super(`What run ${runId} found unchanged was purged meanwhile`);
    this.name = "RangesGone";
  }
}

/**
 * Writes a run's backup set out of what its attempt has found, in the caller's transaction, which holds the schedule's row: ends
 * the ranges of what changed or is gone, begins those of what is new, and writes the set over the ranges that hold
 * then. Of what stayed, nothing is written.
 *
 * The manifest hash is SHA-256 over one line an item, `policy_type TAB graph_id TAB sha256`, in byte order:
 * verification recomputes it from the items. Beside it the set keeps a parity a policy type (migration
 * "retention_rules"), with which verification finds out which item's row was lost.
 *
 * The ranges' foreign key to snapshots is what makes the set whole: a set that refers to a snapshot which is
 * not stored cannot be committed.
 * @throws RangesGone
 */
export async function writeSet(db: Tx, input: SetInput): Promise<WrittenSet> {
  if (input.names) await storeNames(db, input.tenant_id, input.names);
  await lockRanges(db, [input.backup_schedule_id]);
  // Large sets are sorted and hashed in memory: with PostgreSQL's usual 4 MB, those of 10,000 policies would go to the disk.
  await db.$executeRaw`SELECT set_config('work_mem', '64MB', true)`;
  const [next] = await db.$queryRaw<{ id: number }[]>`SELECT nextval('backup_sets_id_seq')::int AS id`;
  if (!next) throw new Error("The set got no id");
  const unchanged = await writeRanges(db, input, next.id);
  const made =
    (unchanged === null ? null : await writeAsBefore(db, input, next.id, unchanged)) ??
    (await writeOver(db, input, next.id));
  return {
    id: next.id,
    item_count: made.item_count,
    bytes: { logical: Number(made.logical), stored: Number(made.stored), added: Number(made.added) },
    ...(await compareWithPredecessor(db, input, next.id, made.item_count)),
  };
}

interface MadeSet {
  item_count: number;
  logical: bigint;
  stored: bigint;
  added: bigint;
}

function manifestOf({ types, read_from }: SetInput): string {
  return JSON.stringify({ types, catalog_revision: catalogRevision, ...(read_from && { read_from }) });
}

/**
 * Writes a set that holds what the schedule's last one holds, with that one's figures: for 50,000 items, hashing takes longer
 * than all else. Nobody begins or ends ranges but the end of a run that makes a set, so the two hold the same where that set is
 * of the last such run, as it was written and as large. Where a row was tampered with since, the set's hash is still that of
 * what was captured: verification finds it, in this set too.
 * @returns null when that cannot be said, such as when the last set was purged
 */
async function writeAsBefore(db: Tx, input: SetInput, setId: number, open: number): Promise<MadeSet | null> {
  const [made] = await db.$queryRaw<MadeSet[]>`
    INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                             manifest, manifest_sha256, item_parity, volatile_parity, names_sha256)
    SELECT ${setId}, p.tenant_id, p.backup_schedule_id, ${input.run_id}, ${input.status}::run_status, p.item_count,
           p.bytes_logical, p.bytes_stored, ${manifestOf(input)}::jsonb, p.manifest_sha256, p.item_parity,
           p.volatile_parity, ${input.names?.sha256 ?? null}
    FROM backup_sets p
    WHERE p.id = (SELECT r.backup_set_id FROM backup_schedule_runs r
                  WHERE r.backup_schedule_id = ${input.backup_schedule_id} AND r.status IN ('success', 'partial')
                  ORDER BY r.id DESC LIMIT 1)
      AND p.item_count = ${open} AND p.seal = backup_set_seal(p)
    RETURNING item_count, bytes_logical AS logical, bytes_stored AS stored, 0::bigint AS added`;
  return made ?? null;
}

/** Writes the set over the schedule's open ranges. */
async function writeOver(db: Tx, input: SetInput, setId: number): Promise<MadeSet> {
  const [made] = await db.$queryRaw<MadeSet[]>`
    WITH held AS MATERIALIZED (
      SELECT r.policy_type, r.graph_id, r.sha256 FROM item_ranges r WHERE ${isOpen(input.backup_schedule_id)}
    ), sizes AS (
      SELECT coalesce(sum(s.bytes_logical), 0)::bigint AS logical, coalesce(sum(s.bytes_stored), 0)::bigint AS stored,
             coalesce(sum(s.bytes_stored) FILTER (WHERE s.created_at >= (
               SELECT created_at FROM backup_schedule_runs WHERE id = ${input.run_id})), 0)::bigint AS added
      FROM snapshots s
      WHERE s.tenant_id = ${input.tenant_id}
        AND s.sha256 IN (SELECT r.sha256 FROM item_ranges r WHERE ${isOpen(input.backup_schedule_id)})
    ), manifest AS (
      SELECT count(*)::int AS item_count,
             encode(sha256(convert_to(coalesce(string_agg(
               policy_type || E'\t' || graph_id || E'\t' || sha256, E'\n'
               ORDER BY policy_type COLLATE "C", graph_id COLLATE "C"), ''), 'UTF8')), 'hex') AS manifest_sha256
      FROM held
    ), parity AS (
      SELECT jsonb_object_agg(policy_type, parity) AS item_parity
      FROM (SELECT policy_type,
                   lpad(to_hex(bit_xor(('x' || left(sha256, 16))::bit(64)::bigint)), 16, '0') AS parity
            FROM held GROUP BY policy_type) by_type
    ), volatiles AS (
      SELECT lpad(to_hex(bit_xor(volatile_key(range_id, from_set_id))), 16, '0') AS volatile_parity
      FROM (SELECT n.range_id, max(n.from_set_id) AS from_set_id
            FROM (${movedVolatiles(input.backup_schedule_id)}) n JOIN item_ranges r ON r.tenant_id = ${input.tenant_id} AND r.id = n.range_id
            WHERE ${isOpen(input.backup_schedule_id)} AND n.from_set_id <= ${setId} GROUP BY n.range_id) newest
    ), moved AS (
      SELECT array_agg(range_id ORDER BY range_id) AS moved_items
      FROM (${movedVolatiles(input.backup_schedule_id)}) n WHERE from_set_id = ${setId}
    ), made AS (
      INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                               manifest, manifest_sha256, item_parity, volatile_parity, moved_items, names_sha256)
      SELECT ${setId}, ${input.tenant_id}, ${input.backup_schedule_id}, ${input.run_id}, ${input.status}::run_status,
             m.item_count, z.logical, z.stored, ${manifestOf(input)}::jsonb, m.manifest_sha256, p.item_parity, v.volatile_parity,
             d.moved_items, ${input.names?.sha256 ?? null}
      FROM manifest m, sizes z, parity p, volatiles v, moved d
      RETURNING item_count
    )
    SELECT made.item_count, sizes.logical, sizes.stored, sizes.added FROM made, sizes`;
  if (!made) throw new Error("The backup set was not written");
  return made;
}

/**
 * Makes the schedule's open ranges what the attempt has found.
 *
 * What it saw unchanged must be open still. Nobody ends a range but the end of a run of this schedule, of which only one is
 * active; but the purge may have removed the schedule's last sets meanwhile, and what they held. Then there is
 * nothing to go on from, and the run begins anew.
 * @returns how many are open, when nothing has changed; else null
 */
async function writeRanges(db: Tx, input: SetInput, setId: number): Promise<number | null> {
  const { tenant_id, run_id, attempt, backup_schedule_id } = input;
  const staged = Prisma.sql`
    staged_items g JOIN item_ranges r ON r.tenant_id = g.tenant_id AND r.policy_type = g.policy_type
      AND r.graph_id = g.graph_id AND ${isOpen(backup_schedule_id)}`;
  const ofAttempt = Prisma.sql`g.run_id = ${run_id} AND g.attempt = ${attempt}`;
  const open = Prisma.sql`open AS MATERIALIZED (SELECT r.id FROM item_ranges r WHERE ${isOpen(backup_schedule_id)})`;
  const seen = Prisma.sql`seen AS MATERIALIZED (
    SELECT DISTINCT unnest(range_ids) AS id FROM staged_seen WHERE run_id = ${run_id} AND attempt = ${attempt})`;
  const [found] = await db.$queryRaw<{ open: number; seen: number; both: number; staged: number }[]>`
    WITH ${open}, ${seen}
    SELECT count(o.id)::int AS open, count(s.id)::int AS seen, count(*) FILTER (WHERE o.id = s.id)::int AS both,
           (SELECT count(*) FROM staged_items g WHERE ${ofAttempt})::int AS staged
    FROM open o FULL JOIN seen s ON s.id = o.id`;
  if (!found) throw new Error("A statement without a condition returned no row");
  if (found.seen !== found.both) throw new RangesGone(run_id);
  if (found.open === found.seen && found.staged === 0) return found.open;
  await db.$executeRaw`
    WITH ${open}, ${seen}, staged AS MATERIALIZED (
      -- What was staged counts, being the later look, if a range was seen too.
      SELECT r.id, ${saysTheSame} AS is_same FROM ${staged} WHERE ${ofAttempt}
    )
    UPDATE item_ranges r SET until_set_id = ${setId}
    WHERE r.tenant_id = ${tenant_id} AND r.id IN (
      SELECT id FROM open
      EXCEPT (SELECT id FROM seen EXCEPT SELECT id FROM staged)
      EXCEPT SELECT id FROM staged WHERE is_same)`;
  await db.$executeRaw`
    INSERT INTO moved_volatiles (tenant_id, backup_schedule_id, shelf, from_set_id, places, volatiles)
    SELECT r.tenant_id, r.backup_schedule_id, r.id / 512, ${setId}, array_agg((r.id % 512)::smallint ORDER BY r.id),
           jsonb_agg(CASE WHEN p.is_part THEN p.volatile ELSE jsonb_build_array(g.volatile) END ORDER BY r.id)
    FROM ${staged} ${newestVolatile} CROSS JOIN LATERAL (SELECT long_json(r.volatile) AS volatile OFFSET 0) b
    CROSS JOIN LATERAL (
      SELECT coalesce(jsonb_object_agg(e.key, e.value) FILTER (WHERE e.value IS DISTINCT FROM b.volatile -> e.key), '{}')
               AS volatile,
             b.volatile - coalesce(array_agg(e.key), '{}') = '{}' AS is_part
      FROM jsonb_each(g.volatile) e) p
    WHERE ${ofAttempt} AND (${hasSameVolatile}) IS NOT TRUE
    GROUP BY r.tenant_id, r.backup_schedule_id, r.id / 512 ORDER BY r.id / 512`;
  await db.$executeRaw`
    INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, kind, policy_type, graph_id, display_name, sha256,
                             volatile, children, notes)
    SELECT g.tenant_id, ${backup_schedule_id}, ${setId}, g.kind, g.policy_type, g.graph_id, g.display_name, g.sha256,
           g.volatile, g.children, g.notes
    FROM staged_items g
    WHERE ${ofAttempt} AND NOT EXISTS (
      SELECT FROM item_ranges r WHERE r.tenant_id = g.tenant_id AND r.policy_type = g.policy_type
        AND r.graph_id = g.graph_id AND ${isOpen(backup_schedule_id)})
    ORDER BY g.kind, g.policy_type COLLATE "C", g.display_name, g.graph_id`;
  return null;
}

/** Most sets of a schedule have the same names as the one before: then nothing is written. */
async function storeNames(db: Tx, tenant_id: number, names: StoredSnapshot): Promise<void> {
  const content = names.content as Uint8Array<ArrayBuffer>;
  await db.snapshot.createMany({ skipDuplicates: true, data: [{ tenant_id, ...names, content }] });
}

/**
 * Counts what changed since the schedule's previous set, reading only that. A policy counts as removed only where its whole
 * type was captured: what could not be read has not been removed. What the previous set could not read is compared with what was
 * last seen of it: else nobody would ever be told what changed while a backup was incomplete.
 */
async function compareWithPredecessor(
  db: Tx,
  input: SetInput,
  setId: number,
  itemCount: number,
): Promise<Pick<WrittenSet, "changes" | "caught_up">> {
  const { backup_schedule_id } = input;
  const whole = typesCapturedWhole(input.types);
  const previous = (await predecessorOf(db, { id: setId, backup_schedule_id })) ?? 0;
  const [found] = await db.$queryRaw<(ChangeCounts & { unread: string[] })[]>`
    WITH gone AS (
      SELECT policy_type, graph_id, sha256 FROM item_ranges
      WHERE backup_schedule_id = ${backup_schedule_id} AND until_set_id > ${previous} AND until_set_id <= ${setId}
        AND from_set_id <= ${previous}
    ), read_before AS (
      -- What the set before did not capture as a whole may have been there then, and is not new.
      SELECT type.key AS policy_type FROM backup_sets b, jsonb_each(b.manifest -> 'types') type
      WHERE b.id = ${previous} AND captured_whole(type.value)
    ), come AS (
      SELECT r.policy_type, r.graph_id, r.sha256 FROM item_ranges r
      WHERE ${isOpen(backup_schedule_id)} AND r.from_set_id > ${previous}
    )
    SELECT count(*) FILTER (WHERE p.sha256 IS NULL AND (
             ${previous === 0} OR c.policy_type IN (SELECT policy_type FROM read_before)))::int AS added,
           count(*) FILTER (WHERE NOT same_policy(p.sha256, c.sha256))::int AS changed,
           count(*) FILTER (WHERE c.sha256 IS NULL AND p.policy_type = ANY(${whole}::text[]))::int AS removed,
           ${itemCount} - count(c.sha256)::int + count(*) FILTER (WHERE same_policy(p.sha256, c.sha256))::int AS unchanged,
           ARRAY(SELECT unnest(${Object.keys(input.types)}::text[]) EXCEPT SELECT policy_type FROM read_before) AS unread
    FROM gone p FULL JOIN come c USING (policy_type, graph_id)`;
  if (!found) throw new Error("A statement without a condition returned no row");
  const { unread, ...changes } = found;
  const caught_up: WrittenSet["caught_up"] = [];
  if (previous === 0 || unread.length === 0) return { changes, caught_up };
  const lacking = { id: previous, backup_schedule_id };
  for (const before of await wholeBefore(db, lacking, setId, unread))
    caught_up.push({ set_id: before.set_id, changes: await catchUp(db, lacking, setId, before, whole) });
  return { changes: [changes, ...caught_up.map((each) => each.changes)].reduce(sum), caught_up };
}

/**
 * Counts what became of the policies that the previous set lacks, since each was last seen.
 * @param whole the types that are captured as a whole now: only of these a policy is known to be gone
 */
async function catchUp(
  db: Tx,
  lacking: LackingSet,
  setId: number,
  before: WholeBefore,
  whole: readonly string[],
): Promise<ChangeCounts> {
  const [counts] = await db.$queryRaw<ChangeCounts[]>`
    SELECT count(*) FILTER (WHERE old IS NULL)::int AS added,
           count(*) FILTER (WHERE NOT is_same)::int AS changed,
           count(*) FILTER (WHERE new IS NULL AND policy_type = ANY(${[...whole]}::text[]))::int AS removed,
           count(*) FILTER (WHERE is_same)::int AS unchanged
    FROM (${sinceLastSeen(lacking, setId, before)}) seen`;
  if (!counts) throw new Error("A statement without a condition returned no row");
  return counts;
}

function sum(a: ChangeCounts, b: ChangeCounts): ChangeCounts {
  return {
    added: a.added + b.added,
    changed: a.changed + b.changed,
    removed: a.removed + b.removed,
    unchanged: a.unchanged + b.unchanged,
  };
}
