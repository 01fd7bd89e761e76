import { z } from "zod";
import { typesCapturedWhole } from "#lib/capture/captured-whole";
import type { TypeSummary } from "#lib/capture/summary";
import { Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import type { Tx } from "#lib/db/transaction";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { decodeCursor } from "#lib/pagination";
import { predecessorOf } from "#lib/sets/predecessor";
import { rereadingPairs } from "#lib/sets/rereadings";
import { setNotFound } from "#lib/sets/sets";
import { wholeBefore } from "#lib/sets/whole-before";
import {
  type ChangeCounts,
  type Comparison,
  type ComparisonRow,
  compareSetsSchema,
  comparisonQueryFields,
  type ItemChange,
} from "./schema.ts";
import { comparedSetView, comparisonView } from "./views.ts";

/**
 * Compares two sets of the tenant, of whatever schedules, also from the bin; or a set with the one before it in its
 * schedule. Policies are the same when type and Graph id are; unchanged when their hash is. The database joins the
 * sets by hash and gives one page: neither is ever in memory.
 *
 * A policy counts as removed only where the newer set captured its whole type: what could not be read has not been
 * removed. So the counts agree with the run's own, but for what the older set lacks, which the run looks up in `whole_before`.
 * @throws AppError NOT_FOUND
 */
export const compareSets = operation({
  name: "set.compare",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: compareSetsSchema,
  output: comparisonView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/comparison",
    operationId: "compareBackupSets",
    summary: "What changed since another set, or the one before",
    tag: "Backup sets",
    query: z.strictObject({
      ...comparisonQueryFields,
      with_set_id: idSchema.optional().meta({
        description: "The older set; without it, the one before in the same schedule",
      }),
    }),
    answer: "Counts, and a page of the policies",
  },
  async run({ db }, input) {
    const right = await comparedSet(db, input.set_id);
    if (!right) throw setNotFound();
    const leftId = input.with_set_id ?? (await predecessorOf(db, right.set));
    const left = leftId === null ? null : await comparedSet(db, leftId);
    if (input.with_set_id !== undefined && !left) throw setNotFound();
    const joined = joinOf(left, right);
    const { counts, matching, types } = await countsOf(db, joined, input);
    const whole_before = left ? await whereLackedWere(db, left, right) : [];
    const page = await rowsOf(db, joined, input);
    return { left: left?.set ?? null, right: right.set, counts, matching, types, whole_before, ...page };
  },
});

/** Which older sets of the schedule have, as a whole, the types of which the older side lacks something. */
async function whereLackedWere(
  db: Tx,
  older: WholeSide,
  newer: WholeSide & { types: readonly string[] },
): Promise<Comparison["whole_before"]> {
  const isForward =
    older.set.backup_schedule_id === newer.set.backup_schedule_id && older.set.id < newer.set.id;
  const known = new Set(older.wholeTypes);
  const lacked = newer.types.filter((type) => !known.has(type));
  return isForward && lacked.length > 0 ? wholeBefore(db, older.set, newer.set.id, lacked) : [];
}

const comparedWholeView = z.strictObject({
  set: comparedSetView,
  types: z.array(z.string()),
  wholeTypes: z.array(z.string()),
});

/** A set for a comparison, with the types that it was to capture, and those that it captured as a whole. */
export async function comparedSet(db: Tx, setId: number): Promise<z.infer<typeof comparedWholeView> | null> {
  const row = await db.backupSet.findFirst({
    where: { id: setId },
    include: { schedule: { select: { name: true } } },
  });
  if (!row) return null;
  const { types } = row.manifest as unknown as { types?: Record<string, TypeSummary> };
  return {
    set: {
      id: row.id,
      tenant_id: row.tenant_id,
      backup_schedule_id: row.backup_schedule_id,
      schedule_name: row.schedule.name,
      status: row.status === "success" ? "success" : "partial",
      item_count: row.item_count,
      created_at: row.created_at.toISOString(),
      deleted_at: row.deleted_at?.toISOString() ?? null,
    },
    types: Object.keys(types ?? {}),
    wholeTypes: typesCapturedWhole(types ?? {}),
  };
}

/** No change of any kind. */
export function noCounts(): ChangeCounts {
  return { added: 0, removed: 0, changed: 0, unchanged: 0, not_captured: 0 };
}

/** One set as a side of a comparison, also from the bin. @throws AppError NOT_FOUND */
export const getComparedSet = operation({
  name: "compare.set",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ set_id: idSchema }),
  output: comparedWholeView,
  async run({ db }, { set_id }) {
    const found = await comparedSet(db, set_id);
    if (!found) throw setNotFound();
    return found;
  },
});

/** What tells a set from others of its tenant, and where its items are. */
interface Side {
  id: number;
  backup_schedule_id: number;
}

/** A set, and the types that it captured as a whole: only of these is what it lacks known not to have been there. */
interface WholeSide {
  set: Side;
  wholeTypes: readonly string[];
}

/**
 * Every policy of two sets with its side in each, and what became of it. Of two sets of one schedule, what both hold is
 * one and the same range: only the others are brought together.
 * @param older the older set; null: there is none, and everything is new
 */
export function joinOf(older: WholeSide | null, newer: WholeSide): Prisma.Sql {
  const [left, right] = [older?.set ?? null, newer.set];
  const share = left?.backup_schedule_id === right.backup_schedule_id;
  const isWhole = ({ wholeTypes }: WholeSide) => Prisma.sql`policy_type = ANY(${[...wholeTypes]}::text[])`;
  const wasRead = older ? isWhole(older) : Prisma.sql`true`;
  const lefts = left ? itemsOf(left, share ? right : null) : Prisma.sql`${rangeColumns} WHERE false`;
  const joined = Prisma.sql`
    SELECT CASE
             WHEN l.sha256 IS NULL THEN CASE WHEN ${wasRead} THEN 'added' ELSE 'not_captured' END
             WHEN r.sha256 IS NULL THEN CASE WHEN ${isWhole(newer)} THEN 'removed' ELSE 'not_captured' END
             WHEN l.sha256 = r.sha256 OR (l.sha256, r.sha256) IN (${rereadingPairs}) THEN 'unchanged'
             ELSE 'changed'
           END AS change,
           policy_type, graph_id, coalesce(r.kind, l.kind)::text AS kind,
           coalesce(r.display_name, l.display_name) AS display_name,
           l.id AS left_id, l.display_name AS left_name, l.sha256 AS left_sha256,
           r.id AS right_id, r.display_name AS right_name, r.sha256 AS right_sha256
    FROM (${lefts}) l FULL JOIN (${itemsOf(right, share ? left : null)}) r USING (policy_type, graph_id)`;
  if (!left || !share) return joined;
  return Prisma.sql`
    ${joined}
    UNION ALL
    SELECT 'unchanged', policy_type, graph_id, kind::text, display_name, id, display_name, sha256, id, display_name, sha256
    FROM item_ranges
    WHERE backup_schedule_id = ${left.backup_schedule_id} AND until_set_id > ${Math.max(left.id, right.id)}
      AND from_set_id <= ${Math.min(left.id, right.id)}`;
}

const rangeColumns = Prisma.sql`SELECT id, kind, policy_type, graph_id, display_name, sha256 FROM item_ranges`;

/** The items of a set; without those that another one of its schedule holds as well, if it is named. */
function itemsOf({ id, backup_schedule_id }: Side, without: Side | null): Prisma.Sql {
  const begins =
    without && without.id < id
      ? Prisma.sql`from_set_id > ${without.id} AND from_set_id <= ${id}`
      : Prisma.sql`from_set_id <= ${id}`;
  const ends =
    without && without.id > id
      ? Prisma.sql`until_set_id > ${id} AND until_set_id <= ${without.id}`
      : Prisma.sql`until_set_id > ${id}`;
  return without?.id === id
    ? Prisma.sql`${rangeColumns} WHERE false`
    : Prisma.sql`${rangeColumns} WHERE backup_schedule_id = ${backup_schedule_id} AND ${begins} AND ${ends}`;
}

/** The order in which comparisons list policies. */
export const comparisonOrder = Prisma.sql`kind DESC, policy_type COLLATE "C", lower(display_name), graph_id COLLATE "C"`;

/** Which rows of a comparison meet type and search, whatever became of them. */
export function matchingCondition(filter: {
  policy_type?: string | undefined;
  search?: string | undefined;
}): Prisma.Sql {
  const conditions = [Prisma.sql`true`];
  if (filter.policy_type) conditions.push(Prisma.sql`policy_type = ${filter.policy_type}`);
  if (filter.search) {
    const pattern = containing(filter.search);
    conditions.push(Prisma.sql`(left_name ILIKE ${pattern} OR right_name ILIKE ${pattern})`);
  }
  return Prisma.join(conditions, " AND ");
}

async function countsOf(
  db: Tx,
  joined: Prisma.Sql,
  filter: { policy_type?: string | undefined; search?: string | undefined },
): Promise<Pick<Comparison, "counts" | "matching" | "types">> {
  const rows = await db.$queryRaw<
    { policy_type: string; change: ItemChange; count: number; matching: number }[]
  >`
    SELECT policy_type, change, count(*)::int AS count,
           count(*) FILTER (WHERE ${matchingCondition(filter)})::int AS matching
    FROM (${joined}) j GROUP BY policy_type, change ORDER BY policy_type`;
  const counts = noCounts();
  const matching = noCounts();
  const types = new Map<string, ChangeCounts>();
  for (const row of rows) {
    const ofType = types.get(row.policy_type) ?? noCounts();
    ofType[row.change] = row.count;
    types.set(row.policy_type, ofType);
    counts[row.change] += row.count;
    matching[row.change] += row.matching;
  }
  return {
    counts,
    matching,
    types: [...types].map(([policy_type, counts]) => ({ policy_type, counts })),
  };
}

interface JoinedRow {
  change: ItemChange;
  kind: "policy" | "foundation";
  policy_type: string;
  graph_id: string;
  display_name: string;
  left_id: bigint | null;
  left_name: string | null;
  left_sha256: string | null;
  right_id: bigint | null;
  right_name: string | null;
  right_sha256: string | null;
}

/** Sets never change, so a page's place can be a count of rows. */
async function rowsOf(
  db: Tx,
  joined: Prisma.Sql,
  filter: {
    limit: number;
    cursor?: string | undefined;
    changes?: readonly ItemChange[] | undefined;
    policy_type?: string | undefined;
    search?: string | undefined;
  },
): Promise<Pick<Comparison, "items" | "next_cursor">> {
  const offset = Number(decodeCursor(filter.cursor) ?? 0);
  const wanted = filter.changes
    ? Prisma.sql`change = ANY(${[...filter.changes]}::text[])`
    : Prisma.sql`change <> 'unchanged'`;
  const rows = await db.$queryRaw<JoinedRow[]>`
    SELECT * FROM (${joined}) j WHERE ${wanted} AND ${matchingCondition(filter)}
    ORDER BY ${comparisonOrder}
    LIMIT ${filter.limit + 1} OFFSET ${offset}`;
  return {
    items: rows.slice(0, filter.limit).map(presentRow),
    next_cursor: rows.length > filter.limit ? `c${offset + filter.limit}` : null,
  };
}

function presentRow(row: JoinedRow): ComparisonRow {
  const side = (id: bigint | null, name: string | null, sha256: string | null) =>
    id === null
      ? null
      : { item_id: Number(id), graph_id: row.graph_id, display_name: name ?? "", sha256: sha256 ?? "" };
  return {
    change: row.change,
    kind: row.kind,
    policy_type: row.policy_type,
    display_name: row.display_name,
    left: side(row.left_id, row.left_name, row.left_sha256),
    right: side(row.right_id, row.right_name, row.right_sha256),
  };
}
