import { createHash } from "node:crypto";
import { z } from "zod";
import { executorActor } from "#lib/access/actor";
import type { CapturedItem } from "#lib/capture/capture";
import { Prisma } from "#lib/db/generated/client";
import { isForeignKeyViolation } from "#lib/db/transaction";
import { idSchema } from "#lib/ids";
import { type References, referencesOf } from "#lib/names/collect";
import { operation } from "#lib/operation";
import { damagedAmong, healSnapshots } from "#lib/sets/damaged-snapshots";
import { hasSameVolatile, isOpen, newestVolatile, saysTheSame } from "#lib/sets/ranges";
import { encodeSnapshot } from "#lib/sets/snapshot-codec";
import { RangesGone } from "#lib/sets/write-set";
import { sha256 } from "#lib/view-fields";
import type { Attempt } from "./begin-attempt.ts";
import { holdAttempt } from "./fence.ts";

const itemFields = {
  kind: z.enum(["policy", "foundation"]),
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
  sha256: z.string().length(64),
  volatile: z.record(z.string(), z.unknown()),
  children: z.record(z.string(), z.unknown()),
  notes: z.array(z.string()),
};

const stagedItem = z.strictObject({
  ...itemFields,
  last_modified: z.string().nullable(),
  refs: z.custom<References>(),
  encoding: z.string(),
  content: z.instanceof(Uint8Array),
  bytes_logical: z.int(),
});

/** What of a batch the schedule's open ranges say already, word for word, their snapshots stored: places in the batch. */
const findUnchanged = operation({
  name: "run.find_unchanged",
  permission: "run:execute",
  effect: "read",
  input: z.strictObject({ backup_schedule_id: idSchema, items: z.array(z.strictObject(itemFields)) }),
  output: z.array(z.strictObject({ place: z.int(), range_id: z.bigint() })),
  async run({ db, tenant }, { backup_schedule_id, items }) {
    const rows = JSON.stringify(items.map((item, place) => ({ place, ...item })));
    return db.$queryRaw<{ place: number; range_id: bigint }[]>`
      SELECT g.place, r.id AS range_id
      FROM jsonb_to_recordset(${rows}::jsonb) AS g(place int, kind item_kind, policy_type text, graph_id text,
        display_name text, sha256 char(64), volatile jsonb, children jsonb, notes text[])
      JOIN item_ranges r ON r.tenant_id = ${tenant.id} AND r.policy_type = g.policy_type AND r.graph_id = g.graph_id
        AND ${isOpen(backup_schedule_id)}
      JOIN snapshots s ON s.tenant_id = r.tenant_id AND s.sha256 = r.sha256
      ${newestVolatile}
      WHERE ${saysTheSame} AND ${hasSameVolatile}
      ORDER BY g.place`;
  },
});

/**
 * Notes what of a batch is as the schedule has it already: one row, instead of one an item. Ranges do not change but to
 * end, and nobody else ends them while the run is active; whether they are open still is asked when the set is written.
 * @returns the hashes whose stored snapshots are known to be damaged
 */
const noteSeen = operation({
  name: "run.note_seen",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({
    run_id: idSchema,
    attempt: z.int(),
    ranges: z.array(z.strictObject({ id: z.bigint(), state: z.bigint(), sha256 })),
    refs: z.custom<References>(),
  }),
  output: z.set(sha256),
  async run({ db, tenant }, { run_id, attempt, ranges, refs }) {
    await holdAttempt(db, run_id, attempt);
    const range_ids = ranges.map((range) => range.id);
    // What an earlier look staged is outdated.
    await db.$executeRaw`
      DELETE FROM staged_items g USING item_ranges r
      WHERE g.run_id = ${run_id} AND r.tenant_id = ${tenant.id} AND r.id = ANY(${range_ids}::bigint[])
        AND g.policy_type = r.policy_type AND g.graph_id = r.graph_id`;
    await db.stagedSeen.create({
      data: {
        tenant_id: tenant.id,
        run_id,
        attempt,
        range_ids,
        states: ranges.map((range) => range.state),
        refs,
      },
      select: { id: true },
    });
    return damagedAmong(
      db,
      tenant.id,
      ranges.map((range) => range.sha256),
    );
  },
});

/**
 * Stores one batch of an attempt: the snapshots that the tenant does not have yet, and a staged item for
 * each. Three statements whatever the batch's size. Repeating a batch changes nothing.
 * @returns the hashes whose stored snapshots are known to be damaged: their documents are at hand to heal them
 */
const storeBatch = operation({
  name: "run.store_items",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({ run_id: idSchema, attempt: z.int(), items: z.array(stagedItem) }),
  output: z.set(sha256),
  timeoutMs: 60_000,
  async run({ db, tenant }, { run_id, attempt, items }) {
    await holdAttempt(db, run_id, attempt);
    const unique = [...new Map(items.map((item) => [item.sha256, item])).values()];
    await db.snapshot.createMany({
      skipDuplicates: true,
      data: unique.map((item) => ({
        tenant_id: tenant.id,
        sha256: item.sha256,
        encoding: item.encoding,
        content: item.content as Uint8Array<ArrayBuffer>,
        bytes_logical: item.bytes_logical,
        bytes_stored: item.content.byteLength,
      })),
    });
    const rows = JSON.stringify(items.map(({ content: _content, encoding: _encoding, ...row }) => row));
    await db.$executeRaw`
      INSERT INTO staged_items
        (tenant_id, run_id, attempt, kind, policy_type, graph_id, display_name, sha256, last_modified, volatile,
         children, notes, refs)
      SELECT ${tenant.id}, ${run_id}, ${attempt}, i.kind, i.policy_type, i.graph_id, i.display_name, i.sha256,
             i.last_modified, i.volatile, i.children, ARRAY(SELECT jsonb_array_elements_text(i.notes)), i.refs
      FROM jsonb_to_recordset(${rows}::jsonb) AS i(kind item_kind, policy_type text, graph_id text,
        display_name text, sha256 text, last_modified text, volatile jsonb, children jsonb, notes jsonb, refs jsonb)
      ON CONFLICT (run_id, policy_type, graph_id) DO UPDATE SET
        attempt = excluded.attempt, kind = excluded.kind, display_name = excluded.display_name,
        sha256 = excluded.sha256, last_modified = excluded.last_modified, volatile = excluded.volatile,
        children = excluded.children, notes = excluded.notes, refs = excluded.refs`;
    return damagedAmong(
      db,
      tenant.id,
      unique.map((item) => item.sha256),
    );
  },
});

/**
 * Stores captured items of an attempt, and puts the stored copies right that were found damaged. What the schedule has
 * already is noted; the rest is compressed, outside of the transaction, and staged.
 * @throws AttemptLost when a newer attempt has begun or the run has ended.
 */
export async function storeItems(attempt: Attempt, items: readonly CapturedItem[]): Promise<void> {
  const { tenant_id, run_id, backup_schedule_id } = attempt;
  const unchanged = await findUnchanged(executorActor, tenant_id, {
    backup_schedule_id,
    items: items.map(fieldsOf),
  });
  const seen = unchanged.flatMap(({ place, range_id }) => {
    const item = items[place];
    return item ? [{ item, range_id }] : [];
  });
  const places = new Set(unchanged.map(({ place }) => place));
  const damaged = new Set([
    ...(await noteUnchanged(attempt, seen)),
    ...(await stage(
      attempt,
      items.filter((_, place) => !places.has(place)),
    )),
  ]);
  if (damaged.size === 0) return;
  await healSnapshots(executorActor, tenant_id, {
    run_id,
    documents: items
      .filter((item) => damaged.has(item.sha256))
      .map(({ sha256, document }) => ({ sha256, document: document as Uint8Array<ArrayBuffer> })),
  });
}

function fieldsOf(item: CapturedItem) {
  return {
    kind: item.kind,
    policy_type: item.policyType,
    graph_id: item.graphId,
    display_name: item.displayName,
    sha256: item.sha256,
    volatile: item.volatile,
    children: item.children,
    notes: item.notes,
  };
}

function referencesOfItem(item: CapturedItem): References {
  return referencesOf(JSON.parse(Buffer.from(item.document).toString("utf8")));
}

/** What an attempt's batches have said that they refer to: policies share most of it. */
const saidReferences = new WeakMap<Attempt, Set<string>>();

async function noteUnchanged(
  attempt: Attempt,
  seen: readonly { item: CapturedItem; range_id: bigint }[],
): Promise<ReadonlySet<string>> {
  if (seen.length === 0) return new Set();
  const said = saidReferences.get(attempt) ?? new Set();
  saidReferences.set(attempt, said);
  const refs: References = {};
  const saying = new Set<string>();
  for (const { item } of seen) {
    for (const [kind, ids] of Object.entries(referencesOfItem(item)) as [keyof References, string[]][]) {
      const news = ids.filter((id) => !said.has(`${kind} ${id}`) && !saying.has(`${kind} ${id}`));
      for (const id of news) saying.add(`${kind} ${id}`);
      if (news.length > 0) refs[kind] = [...(refs[kind] ?? []), ...news];
    }
  }
  const damaged = await noteSeen(executorActor, attempt.tenant_id, {
    run_id: attempt.run_id,
    attempt: attempt.attempt,
    ranges: seen.map(({ item, range_id }) => ({
      id: range_id,
      state: digestOf(item.lastModified),
      sha256: item.sha256,
    })),
    refs,
  });
  for (const each of saying) said.add(each);
  return damaged;
}

async function stage(attempt: Attempt, items: readonly CapturedItem[]): Promise<ReadonlySet<string>> {
  if (items.length === 0) return new Set();
  const rows: z.infer<typeof stagedItem>[] = [];
  for (const item of items) {
    rows.push({
      ...fieldsOf(item),
      last_modified: item.lastModified,
      refs: referencesOfItem(item),
      bytes_logical: item.document.byteLength,
      ...(await encodeSnapshot(item.document)),
    });
  }
  const input = { run_id: attempt.run_id, attempt: attempt.attempt, items: rows };
  const store = () => storeBatch(executorActor, attempt.tenant_id, input);
  return store().catch((error: unknown) => {
    // The purge removed a snapshot between our look and our reference to it: once more, and it is written anew.
    if (isForeignKeyViolation(error)) return store();
    throw error;
  });
}

/** The first 64 bits of the SHA-256 of what a list said about an item; 0 when it said nothing. */
function digestOf(state: string | null): bigint {
  return state === null ? 0n : createHash("sha256").update(state).digest().readBigInt64BE(0);
}

/** The ranges of these policies that some attempt of the run has seen, with what it saw last: `id`, `state`. */
function seenRanges(
  run_id: number,
  backup_schedule_id: number,
  policy_type: string,
  graph_ids: readonly string[],
): Prisma.Sql {
  return Prisma.sql`
    SELECT DISTINCT ON (r.id) r.id, r.graph_id, s.state
    FROM (SELECT n.id AS batch, u.id, u.state FROM staged_seen n, unnest(n.range_ids, n.states) AS u(id, state)
          WHERE n.run_id = ${run_id}) s
    JOIN item_ranges r ON r.id = s.id
    WHERE r.policy_type = ${policy_type} AND r.graph_id = ANY(${[...graph_ids]}::text[]) AND ${isOpen(backup_schedule_id)}
      AND NOT EXISTS (SELECT FROM staged_items i
                      WHERE i.run_id = ${run_id} AND i.policy_type = r.policy_type AND i.graph_id = r.graph_id)
    ORDER BY r.id, s.batch DESC`;
}

/** What an earlier attempt of this run captured of these policies, and what their list said of each then. */
const earlierItems = operation({
  name: "run.earlier_items",
  permission: "run:execute",
  effect: "read",
  input: z.strictObject({
    run_id: idSchema,
    backup_schedule_id: idSchema,
    policy_type: z.string(),
    graph_ids: z.array(z.string()),
  }),
  output: z.strictObject({
    staged: z.array(z.strictObject({ graph_id: z.string(), last_modified: z.string().nullable() })),
    seen: z.array(z.strictObject({ graph_id: z.string(), state: z.bigint() })),
  }),
  async run({ db }, { run_id, backup_schedule_id, policy_type, graph_ids }) {
    const staged = await db.stagedItem.findMany({
      where: { run_id, policy_type, graph_id: { in: graph_ids } },
      select: { graph_id: true, last_modified: true },
    });
    const seen = await db.$queryRaw<{ graph_id: string; state: bigint }[]>`
      SELECT graph_id, state FROM (${seenRanges(run_id, backup_schedule_id, policy_type, graph_ids)}) seen`;
    return { staged, seen };
  },
});

/**
 * Which policies an earlier attempt of this run captured when their list said the same about them.
 * @param states what the list says now, by Graph id
 * @returns their Graph ids
 */
export async function unchangedSince(
  { tenant_id, run_id, backup_schedule_id }: Attempt,
  policy_type: string,
  states: ReadonlyMap<string, string>,
): Promise<string[]> {
  const graph_ids = [...states.keys()];
  const { staged, seen } = await earlierItems(executorActor, tenant_id, {
    run_id,
    backup_schedule_id,
    policy_type,
    graph_ids,
  });
  const is = (graph_id: string) => states.get(graph_id) ?? null;
  return [
    ...staged.filter((item) => item.last_modified === is(item.graph_id)),
    ...seen.filter((item) => item.state === digestOf(is(item.graph_id))),
  ].map((item) => item.graph_id);
}

/**
 * Takes items of an earlier attempt over into this one: they have not changed since.
 * @throws AttemptLost; RangesGone when they are not there any more and the run has to begin anew
 */
export const reuseItems = operation({
  name: "run.reuse_items",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({
    run_id: idSchema,
    attempt: z.int(),
    backup_schedule_id: idSchema,
    policy_type: z.string(),
    graph_ids: z.array(z.string()),
  }),
  output: z.void(),
  async run({ db, tenant }, { run_id, attempt, backup_schedule_id, policy_type, graph_ids }) {
    await holdAttempt(db, run_id, attempt);
    const { count } = await db.stagedItem.updateMany({
      where: { run_id, policy_type, graph_id: { in: graph_ids } },
      data: { attempt },
    });
    if (count === graph_ids.length) return;
    const seen = await db.$queryRaw<{ id: bigint; state: bigint }[]>`
      SELECT id, state FROM (${seenRanges(run_id, backup_schedule_id, policy_type, graph_ids)}) seen`;
    // Nobody else takes anything from the attempt that is held: what was there a moment ago was purged.
    if (count + seen.length !== graph_ids.length) throw new RangesGone(run_id);
    await db.stagedSeen.create({
      data: {
        tenant_id: tenant.id,
        run_id,
        attempt,
        range_ids: seen.map((range) => range.id),
        states: seen.map((range) => range.state),
      },
      select: { id: true },
    });
  },
});
