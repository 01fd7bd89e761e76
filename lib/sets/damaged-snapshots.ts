import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import type { AuditEntryInput } from "#lib/audit/entry";
import type { Tx } from "#lib/db/transaction";
import { idSchema } from "#lib/ids";
import { enqueue } from "#lib/jobs/enqueue";
import { verifyAffectedJob } from "#lib/jobs/verify-affected";
import { operation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { damageOf, type StoredSnapshot } from "./snapshot-codec.ts";

/**
 * Which stored snapshots are known to be damaged or missing, and how they are put right: the next run that captures the
 * same document puts it back. The database accepts only bytes of the snapshot's own hash (migration "damaged_snapshots").
 */

/**
 * A verification looks at once at the sets that it judges; the job for the others waits this long, so that a
 * verification of many sets has judged most of them itself by then.
 */
const verifyOthersAfterSeconds = 60;

/**
 * Holds what a verification found against what was healed since it read, and notes the rest as damaged. The notes are
 * locked first: a heal that is under way ends before, and one that comes later is later than `now`.
 * @param found hash → what is wrong, as read at some time before
 * @returns the ones of `found` that are damaged still
 */
export async function confirmDamage(
  db: Tx,
  tenantId: number,
  found: ReadonlyMap<string, string>,
  now: Date,
): Promise<Map<string, string>> {
  const damaged = new Map(found);
  if (damaged.size === 0) return damaged;
  const notes = await db.$queryRaw<{ sha256: string; healed_at: Date | null }[]>`
    SELECT sha256, healed_at FROM damaged_snapshots
    WHERE tenant_id = ${tenantId} AND sha256 = ANY(${[...damaged.keys()]}::text[]) ORDER BY sha256 FOR UPDATE`;
  for (const { sha256 } of notes.filter((note) => note.healed_at !== null)) {
    const [stored] = await db.$queryRaw<StoredSnapshot[]>`
      SELECT sha256, encoding, content, bytes_logical, bytes_stored FROM snapshots
      WHERE tenant_id = ${tenantId} AND sha256 = ${sha256}`;
    if (stored && (await damageOf(stored)) === null) damaged.delete(sha256);
  }
  await noteDamage(db, tenantId, [...damaged.keys()], now, verifyOthersAfterSeconds);
  return damaged;
}

/**
 * Notes snapshots as damaged or missing. When that is news, a job verifies the sets that refer to them.
 * @param now when the damage was seen
 * @param startAfterSeconds when the job begins
 */
export async function noteDamage(
  db: Tx,
  tenantId: number,
  hashes: readonly string[],
  now: Date,
  startAfterSeconds = 0,
): Promise<void> {
  if (hashes.length === 0) return;
  const news = await db.$executeRaw`
    INSERT INTO damaged_snapshots AS d (tenant_id, sha256, found_at)
    SELECT ${tenantId}, sha256, ${now} FROM unnest(${[...new Set(hashes)].sort()}::text[]) AS sha256
    ON CONFLICT (tenant_id, sha256) DO UPDATE SET found_at = excluded.found_at, healed_at = NULL
      WHERE d.healed_at IS NOT NULL`;
  if (news > 0) {
    await enqueue(db, verifyAffectedJob, [{ data: { tenant_id: tenantId }, startAfterSeconds }]);
  }
}

const noteSeenDamage = operation({
  name: "snapshot.note_damage",
  permission: "set:view",
  effect: "quiet",
  input: z.strictObject({ hashes: z.array(z.string().length(64)) }),
  output: z.void(),
  async run({ db, tenant, now }, { hashes }) {
    await noteDamage(db, tenant.id, hashes, now);
  },
});

/** Notes what a read came across: snapshots that are damaged or missing. */
export async function reportDamage(actor: Actor, tenantId: number, hashes: readonly string[]): Promise<void> {
  if (hashes.length > 0) await noteSeenDamage(actor, tenantId, { hashes: [...hashes] });
}

/** A document, and the SHA-256 of its canonical JSON. */
export interface HashedDocument {
  sha256: string;
  document: Uint8Array;
}

/** Which of these snapshots are noted as damaged, and not yet healed. */
export async function damagedAmong(
  db: Tx,
  tenantId: number,
  hashes: readonly string[],
): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ sha256: string }[]>`
    SELECT sha256 FROM damaged_snapshots
    WHERE tenant_id = ${tenantId} AND sha256 = ANY(${[...hashes]}::text[]) AND healed_at IS NULL`;
  return new Set(rows.map((row) => row.sha256));
}

/**
 * Puts the documents of damaged snapshots back. What is not noted as damaged stays as it is; the database refuses a
 * document of another hash.
 * @returns the hashes of those that were put back
 */
export async function putBack(
  db: Tx,
  tenantId: number,
  documents: readonly HashedDocument[],
): Promise<string[]> {
  const noted = await db.$queryRaw<{ sha256: string }[]>`
    SELECT sha256 FROM damaged_snapshots
    WHERE tenant_id = ${tenantId} AND sha256 = ANY(${documents.map((each) => each.sha256)}::text[])
      AND healed_at IS NULL
    ORDER BY sha256 FOR UPDATE`;
  const byHash = new Map(documents.map(({ sha256, document }) => [sha256, document]));
  const healed: string[] = [];
  for (const { sha256 } of noted) {
    const document = byHash.get(sha256);
    if (!document) continue;
    const stored = await db.$executeRaw`
      UPDATE snapshots SET encoding = 'plain', content = ${document}, bytes_logical = ${document.byteLength},
                           bytes_stored = ${document.byteLength}
      WHERE tenant_id = ${tenantId} AND sha256 = ${sha256}`;
    if (stored === 1) healed.push(sha256);
  }
  // The time after the lock: later than any verification that has seen the damage.
  await db.$executeRaw`
    UPDATE damaged_snapshots SET healed_at = clock_timestamp()
    WHERE tenant_id = ${tenantId} AND sha256 = ANY(${healed}::text[])`;
  return healed;
}

/** What the audit log says when a run has put stored copies back. */
export function healedEntry(runId: number, healed: readonly string[]): AuditEntryInput {
  return {
    action: "snapshots.healed",
    target: { kind: "run", id: runId },
    details: { count: healed.length, sha256: healed.slice(0, 20) },
  };
}

/** Puts the documents of damaged snapshots back that a run has captured. */
export const healSnapshots = operation({
  name: "snapshot.heal",
  permission: "run:execute",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({
    run_id: idSchema,
    documents: z.array(z.strictObject({ sha256: z.string().length(64), document: z.instanceof(Uint8Array) })),
  }),
  output: z.void(),
  async run({ db, tenant, audit, unchanged }, { run_id, documents }) {
    const healed = await putBack(db, tenant.id, documents);
    if (healed.length === 0) unchanged();
    else audit(healedEntry(run_id, healed));
  },
});

/**
 * Sets, also in the bin, that refer to a snapshot of which something was learned since they were last verified: it was
 * found damaged, or healed. Those of one schedule, which share most, together.
 */
export const setsAffectedByDamage = operation({
  name: "verify.affected",
  permission: "set:verify",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({}),
  output: z.array(id),
  async run({ db, tenant }) {
    const rows = await db.$queryRaw<{ id: number }[]>`
      SELECT b.id FROM backup_sets b
      JOIN (SELECT i.backup_set_id, i.tenant_id, coalesce(d.healed_at, d.found_at) AS learned_at
            FROM damaged_snapshots d JOIN backup_items i ON i.tenant_id = d.tenant_id AND i.sha256 = d.sha256
            WHERE d.tenant_id = ${tenant.id}
            UNION ALL
            SELECT s.id, s.tenant_id, coalesce(d.healed_at, d.found_at)
            FROM damaged_snapshots d JOIN backup_sets s ON s.tenant_id = d.tenant_id AND s.names_sha256 = d.sha256
            WHERE d.tenant_id = ${tenant.id}) n ON n.backup_set_id = b.id AND n.tenant_id = b.tenant_id
      WHERE b.created_at <= n.learned_at AND (b.verified_at IS NULL OR b.verified_at < n.learned_at)
      GROUP BY b.id, b.backup_schedule_id ORDER BY b.backup_schedule_id, b.id`;
    return rows.map((row) => row.id);
  },
});

/** At a run's end: if something was healed since it began, a job verifies the sets that this concerns. */
export async function verifyHealedSets(db: Tx, tenantId: number, runId: number): Promise<void> {
  const [healed] = await db.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM damaged_snapshots
                   WHERE tenant_id = ${tenantId}
                     AND healed_at >= (SELECT started_at FROM backup_schedule_runs WHERE id = ${runId})) AS found`;
  if (healed?.found) await enqueue(db, verifyAffectedJob, [{ data: { tenant_id: tenantId } }]);
}
