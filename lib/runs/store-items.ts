import { z } from "zod";
import { executorActor } from "#lib/access/actor";
import type { CapturedItem } from "#lib/capture/capture";
import { isForeignKeyViolation } from "#lib/db/transaction";
import { idSchema } from "#lib/ids";
import { type References, referencesOf } from "#lib/names/collect";
import { operation } from "#lib/operation";
import { damagedAmong, healSnapshots } from "#lib/sets/damaged-snapshots";
import { encodeSnapshot } from "#lib/sets/snapshot-codec";
import { sha256 } from "#lib/view-fields";
import type { Attempt } from "./begin-attempt.ts";
import { AttemptLost, holdAttempt } from "./fence.ts";

const stagedItem = z.strictObject({
  kind: z.enum(["policy", "foundation"]),
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
  sha256: z.string().length(64),
  last_modified: z.string().nullable(),
  volatile: z.record(z.string(), z.unknown()),
  children: z.record(z.string(), z.unknown()),
  notes: z.array(z.string()),
  refs: z.custom<References>(),
  encoding: z.string(),
  content: z.instanceof(Uint8Array),
  bytes_logical: z.int(),
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
 * Stores captured items of an attempt, and puts the stored copies right that were found damaged. Compression happens
 * here, outside of the transaction.
 * @throws AttemptLost when a newer attempt has begun or the run has ended.
 */
export async function storeItems(attempt: Attempt, items: readonly CapturedItem[]): Promise<void> {
  const rows: z.infer<typeof stagedItem>[] = [];
  for (const item of items) {
    rows.push({
      kind: item.kind,
      policy_type: item.policyType,
      graph_id: item.graphId,
      display_name: item.displayName,
      sha256: item.sha256,
      last_modified: item.lastModified,
      volatile: item.volatile,
      children: item.children,
      notes: item.notes,
      refs: referencesOf(JSON.parse(Buffer.from(item.document).toString("utf8"))),
      bytes_logical: item.document.byteLength,
      ...(await encodeSnapshot(item.document)),
    });
  }
  const input = { run_id: attempt.run_id, attempt: attempt.attempt, items: rows };
  const store = () => storeBatch(executorActor, attempt.tenant_id, input);
  const damaged = await store().catch((error: unknown) => {
    // The purge removed a snapshot between our look and our reference to it: once more, and it is written anew.
    if (isForeignKeyViolation(error)) return store();
    throw error;
  });
  if (damaged.size === 0) return;
  await healSnapshots(executorActor, attempt.tenant_id, {
    run_id: attempt.run_id,
    documents: items
      .filter((item) => damaged.has(item.sha256))
      .map(({ sha256, document }) => ({ sha256, document: document as Uint8Array<ArrayBuffer> })),
  });
}

/** What an earlier attempt of this run captured of these policies: graph id → its lastModifiedDateTime. */
export const earlierItems = operation({
  name: "run.earlier_items",
  permission: "run:execute",
  effect: "read",
  input: z.strictObject({ run_id: idSchema, policy_type: z.string(), graph_ids: z.array(z.string()) }),
  output: z.array(z.strictObject({ graph_id: z.string(), last_modified: z.string().nullable() })),
  async run({ db }, { run_id, policy_type, graph_ids }) {
    return db.stagedItem.findMany({
      where: { run_id, policy_type, graph_id: { in: graph_ids } },
      select: { graph_id: true, last_modified: true },
    });
  },
});

/** Takes items of an earlier attempt over into this one: they have not changed since. */
export const reuseItems = operation({
  name: "run.reuse_items",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({
    run_id: idSchema,
    attempt: z.int(),
    policy_type: z.string(),
    graph_ids: z.array(z.string()),
  }),
  output: z.void(),
  async run({ db }, { run_id, attempt, policy_type, graph_ids }) {
    await holdAttempt(db, run_id, attempt);
    const { count } = await db.stagedItem.updateMany({
      where: { run_id, policy_type, graph_id: { in: graph_ids } },
      data: { attempt },
    });
    if (count !== graph_ids.length) throw new AttemptLost(run_id, attempt);
  },
});
