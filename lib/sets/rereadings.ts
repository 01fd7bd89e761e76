import { z } from "zod";
import { executorActor } from "#lib/access/actor";
import { Prisma } from "#lib/db/generated/client";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { catalogRevision } from "#lib/policies/catalog";
import { id, sha256 } from "#lib/view-fields";
import { agreeWhereBothTell } from "./agreement.ts";
import { itemsOfAttempt } from "./ranges.ts";
import { provenJson, type StoredSnapshot, storedSnapshotView } from "./snapshot-codec.ts";

/** Documents in memory at once: two of each. */
const PAGE = 25;

/**
 * Pairs of snapshots that are one and the same policy, read more or less fully, as `same_policy` says of one pair: a
 * function would be called for each policy that differs, and these are looked up in memory.
 */
export const rereadingPairs = Prisma.sql`
  SELECT sha256, earlier_sha256 FROM rereadings UNION ALL SELECT earlier_sha256, sha256 FROM rereadings`;

const pairView = z.strictObject({
  policy_type: z.string(),
  graph_id: z.string(),
  earlier_sha256: sha256,
  sha256,
});
type Pair = z.infer<typeof pairView>;

/** The schedule's newest kept set, if an earlier revision of the catalog made it. */
const outdatedPredecessor = operation({
  name: "run.outdated_predecessor",
  permission: "run:execute",
  effect: "read",
  input: z.strictObject({ backup_schedule_id: idSchema }),
  output: id.nullable(),
  async run({ db }, { backup_schedule_id }) {
    const [set] = await db.$queryRaw<{ id: number; revision: number }[]>`
      SELECT id, coalesce((manifest ->> 'catalog_revision')::int, 1) AS revision FROM backup_sets
      WHERE backup_schedule_id = ${backup_schedule_id} AND deleted_at IS NULL ORDER BY id DESC LIMIT 1`;
    return set && set.revision < catalogRevision ? set.id : null;
  },
});

/** The next of an attempt's items whose content differs from that in the set, with both contents. */
const differingPage = operation({
  name: "run.differing_items",
  permission: "run:execute",
  effect: "read",
  input: z.strictObject({
    run_id: idSchema,
    attempt: z.int(),
    set_id: idSchema,
    after: z.strictObject({ policy_type: z.string(), graph_id: z.string() }).nullable(),
  }),
  output: z.strictObject({ pairs: z.array(pairView), snapshots: z.array(storedSnapshotView) }),
  async run({ db, tenant }, { run_id, attempt, set_id, after }) {
    const pairs = await db.$queryRaw<Pair[]>`
      SELECT s.policy_type, s.graph_id, i.sha256 AS earlier_sha256, s.sha256
      FROM (${itemsOfAttempt(run_id, attempt)}) s
      JOIN backup_items i ON i.backup_set_id = ${set_id} AND i.policy_type = s.policy_type AND i.graph_id = s.graph_id
      WHERE i.sha256 <> s.sha256
        AND (s.policy_type, s.graph_id) > (${after?.policy_type ?? ""}, ${after?.graph_id ?? ""})
      ORDER BY s.policy_type, s.graph_id LIMIT ${PAGE}`;
    const hashes = [...new Set(pairs.flatMap((pair) => [pair.sha256, pair.earlier_sha256]))];
    const snapshots = await db.$queryRaw<StoredSnapshot[]>`
      SELECT sha256, encoding, content, bytes_logical, bytes_stored FROM snapshots
      WHERE tenant_id = ${tenant.id} AND sha256 = ANY(${hashes}::text[])`;
    return { pairs, snapshots };
  },
});

const noteRereadings = operation({
  name: "run.note_rereadings",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({
    pairs: z.array(z.strictObject({ sha256: z.string(), earlier_sha256: z.string() })),
  }),
  output: z.void(),
  async run({ db, tenant }, { pairs }) {
    await db.rereading.createMany({
      skipDuplicates: true,
      data: pairs.map((pair) => ({ tenant_id: tenant.id, ...pair })),
    });
  },
});

/**
 * Notes which of an attempt's items differ from the schedule's previous set only by what this revision of the catalog
 * reads and the earlier one did not: nobody shall be shown hundreds of changes that are none. Does nothing but one look
 * when the previous set is of this revision. Repeating it changes nothing.
 * @returns how many were noted
 */
export async function recordRereadings(
  attempt: { tenant_id: number; run_id: number; attempt: number; backup_schedule_id: number },
  signal: AbortSignal,
): Promise<number> {
  const { tenant_id, run_id, backup_schedule_id } = attempt;
  const set_id = await outdatedPredecessor(executorActor, tenant_id, { backup_schedule_id });
  if (set_id === null) return 0;
  let noted = 0;
  let after: { policy_type: string; graph_id: string } | null = null;
  for (;;) {
    signal.throwIfAborted();
    const input = { run_id, attempt: attempt.attempt, set_id, after };
    const page: Awaited<ReturnType<typeof differingPage>> = await differingPage(
      executorActor,
      tenant_id,
      input,
    );
    const last = page.pairs.at(-1);
    if (!last) return noted;
    const documents = new Map<string, unknown>();
    for (const snapshot of page.snapshots) {
      const document = await provenJson(snapshot);
      // A damaged one agrees with nothing: the change is shown, and verification tells why.
      if (document !== null) documents.set(snapshot.sha256, document);
    }
    const same = page.pairs.filter(({ sha256, earlier_sha256 }) =>
      agreeWhereBothTell(documents.get(earlier_sha256), documents.get(sha256)),
    );
    if (same.length > 0) {
      const pairs = same.map(({ sha256, earlier_sha256 }) => ({ sha256, earlier_sha256 }));
      await noteRereadings(executorActor, tenant_id, { pairs });
      noted += same.length;
    }
    after = { policy_type: last.policy_type, graph_id: last.graph_id };
  }
}
