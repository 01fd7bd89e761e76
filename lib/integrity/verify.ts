import { z } from "zod";
import { type Actor, dispatcherActor, verifierActor } from "#lib/access/actor";
import { allTenantIds } from "#lib/access/all-tenants";
import type { BackupSet } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { sendNotification } from "#lib/notifications/send";
import { operation, operationInSteps } from "#lib/operation";
import { confirmDamage, noteDamage, setsAffectedByDamage } from "#lib/sets/damaged-snapshots";
import { verifyTogether } from "#lib/sets/schema";
import { setNotFound, verifyResultOf } from "#lib/sets/sets";
import { damageOf, type StoredSnapshot, storedSnapshotView } from "#lib/sets/snapshot-codec";
import { damageToTell, type Told, tellDamaged, toldOf } from "#lib/sets/tell-damaged";
import { tellWhole } from "#lib/sets/tell-whole";
import { verifyResultView } from "#lib/sets/views";
import { id, instant, sha256 } from "#lib/view-fields";
import { inspectSets } from "./inspect-set.ts";
import { tellVerification } from "./overdue.ts";

/** Snapshots that are read, decompressed and hashed at a time. */
const snapshotBatch = 200;
/** Sets that are judged in one transaction, and reported in one notification. */
const setBatch = verifyTogether;

const verifiedSetView = z.strictObject({
  set_id: id,
  verified_at: instant,
  ...verifyResultView.shape,
});

/** What became of a set's verification. */
export type VerifiedSet = z.infer<typeof verifiedSetView>;

/** A batch of the tenant's stored snapshots, in the order of their hashes. */
const tenantSnapshots = operation({
  name: "verify.tenant_snapshots",
  permission: "set:verify",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ after: z.string() }),
  output: z.array(storedSnapshotView),
  async run({ db, tenant }, { after }) {
    return db.$queryRaw<StoredSnapshot[]>`
      SELECT sha256, encoding, content, bytes_logical, bytes_stored FROM snapshots
      WHERE tenant_id = ${tenant.id} AND sha256 > ${after} ORDER BY sha256 LIMIT ${snapshotBatch}`;
  },
});

/** The hashes that sets refer to, each once. */
const hashesOfSets = operation({
  name: "verify.set_hashes",
  permission: "set:verify",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ set_ids: z.array(idSchema).max(setBatch) }),
  output: z.array(sha256),
  async run({ db }, { set_ids }) {
    const rows = await db.$queryRaw<{ sha256: string }[]>`
      SELECT sha256 FROM backup_items WHERE backup_set_id = ANY(${set_ids}::int[])
      UNION
      SELECT names_sha256 FROM backup_sets WHERE id = ANY(${set_ids}::int[]) AND names_sha256 IS NOT NULL`;
    return rows.map((row) => row.sha256);
  },
});

/** The stored snapshots of some hashes. One that is missing is left out. */
const snapshotsByHash = operation({
  name: "verify.snapshots",
  permission: "set:verify",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ hashes: z.array(z.string()).max(snapshotBatch) }),
  output: z.array(storedSnapshotView),
  async run({ db, tenant }, { hashes }) {
    return db.$queryRaw<StoredSnapshot[]>`
      SELECT sha256, encoding, content, bytes_logical, bytes_stored FROM snapshots
      WHERE tenant_id = ${tenant.id} AND sha256 = ANY(${hashes}::text[])`;
  },
});

type Damage = Map<string, string>;

/**
 * Recomputes snapshots from their stored bytes, here those of some sets: each once, however many of the sets refer to
 * it. One batch at a time is in memory, and no transaction lasts longer than a batch: what a set refers to cannot
 * change meanwhile.
 * @returns hash → what is wrong, of the damaged ones only
 */
async function damagedInSets(
  actor: Actor,
  tenantId: number,
  set_ids: number[],
  signal?: AbortSignal,
): Promise<Damage> {
  const hashes = await hashesOfSets(actor, tenantId, { set_ids });
  const damaged: Damage = new Map();
  for (let from = 0; from < hashes.length; from += snapshotBatch) {
    signal?.throwIfAborted();
    const batch = hashes.slice(from, from + snapshotBatch);
    await addDamaged(await snapshotsByHash(actor, tenantId, { hashes: batch }), damaged);
  }
  return damaged;
}

/** The same for all of the tenant's snapshots. */
async function damagedInTenant(actor: Actor, tenantId: number, signal?: AbortSignal): Promise<Damage> {
  const damaged: Damage = new Map();
  for (let after = ""; ; ) {
    signal?.throwIfAborted();
    const batch = await tenantSnapshots(actor, tenantId, { after });
    await addDamaged(batch, damaged);
    const last = batch.at(-1);
    if (!last) return damaged;
    after = last.sha256;
  }
}

async function addDamaged(batch: readonly StoredSnapshot[], damaged: Damage): Promise<void> {
  await Promise.all(
    batch.map(async (row) => {
      const damage = await damageOf(row);
      if (damage !== null) damaged.set(row.sha256, damage);
    }),
  );
}

/**
 * Judges sets whose snapshots were just recomputed, and records the result: on the set, in the audit log, and to
 * managers and owners when a set turns out more damaged than was known, or whole again. Damaged and missing snapshots
 * are noted, so that the next run puts them back.
 * @returns the results of the sets that still exist
 */
const judgeSets = operation({
  name: "verify.judge",
  permission: "set:verify",
  effect: "write",
  timeoutMs: 300_000,
  input: z.strictObject({
    set_ids: z.array(idSchema).max(setBatch),
    damaged: z.array(z.tuple([z.string(), z.string()])),
    /** Part of a pass over the whole tenant, which has an audit entry of its own: only damage and its end get another. */
    in_pass: z.boolean().default(false),
  }),
  output: z.array(verifiedSetView),
  async run({ db, tenant, now, audit, unchanged }, { set_ids, damaged, in_pass }) {
    const sets = await db.backupSet.findMany({
      where: { id: { in: set_ids } },
      include: { schedule: { select: { name: true } } },
      orderBy: { id: "asc" },
    });
    const verified: VerifiedSet[] = [];
    const news: (Told & { is_kept: boolean })[] = [];
    const healed: Told[] = [];
    const stillDamaged = await confirmDamage(db, tenant.id, new Map(damaged), now);
    const missing = new Set<string>();
    const all = await inspectSets(db, sets, stillDamaged);
    const held = await holdJudged(
      db,
      sets.map((set) => set.id),
    );
    if (held.size === 0 || in_pass) unchanged();
    for (const set of sets) {
      const current = held.get(set.id);
      // It was purged meanwhile.
      if (!current) continue;
      const before = verifyResultOf(current);
      const inspected = all.get(set.id);
      if (!inspected) throw new Error(`Set ${set.id} was not inspected.`);
      const isHealed = before?.status === "damaged" && inspected.status === "ok";
      const result = {
        ...inspected,
        healed_at: isHealed ? now.toISOString() : (before?.healed_at ?? null),
      };
      await db.$executeRaw`
        UPDATE backup_sets SET verified_at = ${now}, verify_result = ${JSON.stringify(result)}::jsonb
        WHERE id = ${set.id}`;
      if (!in_pass || result.status === "damaged" || isHealed) {
        audit({
          action: result.status === "damaged" ? "set.damaged" : isHealed ? "set.healed" : "set.verified",
          target: { kind: "set", id: set.id },
          details: {
            items: set.item_count,
            fault_count: result.fault_count,
            ...(result.status === "ok"
              ? {}
              : { faults: result.faults.slice(0, 20).map((fault) => fault.message) }),
          },
        });
      }
      for (const { problem, sha256 } of result.faults) {
        // A fault of the set as a whole with a hash is one of its names.
        if (sha256 && (problem === "snapshot_missing" || problem === "set_damaged")) missing.add(sha256);
      }
      if (isHealed) healed.push({ id: set.id, text: `Set ${set.id} of "${set.schedule.name}"` });
      if (result.fault_count > (before?.fault_count ?? 0)) {
        news.push({ ...toldOf(set, result), is_kept: current.deleted_at === null });
      }
      verified.push({ set_id: set.id, verified_at: now.toISOString(), ...result });
    }
    await noteDamage(db, tenant.id, [...missing], now);
    const [whole] = healed;
    if (whole) {
      await sendNotification(db, tenant.id, {
        kind: "set.healed",
        title: healed.length === 1 ? "Backup set whole again" : `${healed.length} backup sets whole again`,
        body: `${whole.text} was damaged, and everything in it is verified now.${
          healed.length === 1 ? "" : ` And ${healed.length - 1} more.`
        }`,
        link:
          healed.length === 1
            ? `/tenants/${tenant.id}/backup-sets/${whole.id}`
            : `/tenants/${tenant.id}/backup-sets`,
        data: { set_ids: healed.map((each) => each.id) },
      });
    }
    // What is in the bin keeps no incident open, and opens none.
    const [first, ...others] = news.filter((each) => each.is_kept);
    if (first) await tellDamaged(db, tenant.id, first, others);
    else await tellWhole(db, tenant.id);
    const [newest, ...more] = news;
    if (newest) {
      await sendNotification(db, tenant.id, {
        kind: "set.damaged",
        ...damageToTell(tenant.id, newest, more),
      });
    }
    await notifyLive(
      db,
      sets.map((set) => ({ tenant_id: tenant.id, topic: "set" as const, id: set.id })),
    );
    return verified;
  },
});

/**
 * What was known of sets, once they are inspected, which takes long: who else has judged one meanwhile has told of it, and what was
 * moved to the bin is not kept. Nobody does either until the end of the transaction.
 */
async function holdJudged(db: Tx, ids: number[]) {
  const rows = await db.$queryRaw<Pick<BackupSet, "id" | "verify_result" | "deleted_at">[]>`
    SELECT id, verify_result, deleted_at FROM backup_sets WHERE id = ANY(${ids}::int[]) ORDER BY id FOR NO KEY UPDATE`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** Notes in the audit log what a pass over a tenant's sets came to. */
const notePass = operation({
  name: "verify.note_pass",
  permission: "set:verify",
  effect: "write",
  input: z.strictObject({ sets: z.int(), damaged: z.int() }),
  output: z.void(),
  async run({ db, tenant, audit }, { sets, damaged }) {
    audit({ action: "sets.verified", details: { sets, damaged } });
    await tellVerification(db, tenant.id);
    await tellWhole(db, tenant.id);
  },
});

/**
 * Verifies one set, also in the bin: recomputes the hash of every snapshot from its stored bytes, the manifest hash
 * from the items, and all counts. Finds any flipped bit, and names the items that it concerns.
 * @throws AppError NOT_FOUND
 */
export const verifySet = operationInSteps({
  name: "set.verify",
  permission: "set:verify",
  input: z.strictObject({ set_id: idSchema }),
  output: verifiedSetView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-sets/{setId}/verify",
    operationId: "verifyBackupSet",
    summary: "Recompute everything and find any damage",
    description: "Hashes every stored policy anew, and the manifest. Managers and owners hear of new damage.",
    tag: "Backup sets",
    answer: "What was found; also kept on the set",
  },
  async run({ actor, tenant }, { set_id }) {
    const [verified] = await verifyTogetherIn(actor, tenant.id, [set_id]);
    if (!verified) throw setNotFound();
    return verified;
  },
});

/**
 * Verifies some sets together, which costs little more than one where they share most of their policies. A person who
 * verifies many goes through them so, and sees how far it is.
 * @param input.set_ids at most `verifyTogether` of them, else VALIDATION_FAILED
 * @returns the results of the sets that still exist
 */
export const verifySets = operationInSteps({
  name: "set.verify_many",
  permission: "set:verify",
  input: z.strictObject({ set_ids: z.array(idSchema).max(setBatch) }),
  output: z.array(verifiedSetView),
  run: ({ actor, tenant }, { set_ids }) => verifyTogetherIn(actor, tenant.id, set_ids),
});

async function verifyTogetherIn(
  actor: Actor,
  tenantId: number,
  set_ids: number[],
  signal?: AbortSignal,
): Promise<VerifiedSet[]> {
  const damaged = [...(await damagedInSets(actor, tenantId, set_ids, signal))];
  return judgeSets(actor, tenantId, { set_ids, damaged });
}

/** Live sets that nobody has verified within the last hours; those of one schedule, which share most, together. */
export const setsToVerify = operation({
  name: "verify.find",
  permission: "set:verify",
  effect: "read",
  input: z.strictObject({ unverified_for_hours: z.number().min(0) }),
  output: z.array(id),
  async run({ db }, { unverified_for_hours }) {
    const rows = await db.$queryRaw<{ id: number }[]>`
      SELECT id FROM backup_sets
      WHERE deleted_at IS NULL
        AND (verified_at IS NULL OR verified_at <= now() - make_interval(secs => ${unverified_for_hours * 3600}))
      ORDER BY backup_schedule_id, id`;
    return rows.map((row) => row.id);
  },
});

/**
 * Verifies all live sets of a tenant. Each stored snapshot is recomputed once, however many sets refer to it.
 * @param input.unverified_for_hours passes over sets that were verified since; default 0: none
 */
export const verifyTenant = operationInSteps({
  name: "set.verify_all",
  permission: "set:verify",
  input: z.strictObject({
    unverified_for_hours: z.number().min(0).default(0),
    signal: z.instanceof(AbortSignal).optional(),
  }),
  output: z.array(verifiedSetView),
  async run({ actor, tenant: { id: tenantId } }, { unverified_for_hours, signal }) {
    // Which sets, before which snapshots: so all of theirs are stored when the reading begins.
    const ids = await setsToVerify(actor, tenantId, { unverified_for_hours });
    if (ids.length === 0) return [];
    const damaged = [...(await damagedInTenant(actor, tenantId, signal))];
    const verified: VerifiedSet[] = [];
    try {
      for (let from = 0; from < ids.length; from += setBatch) {
        signal?.throwIfAborted();
        const set_ids = ids.slice(from, from + setBatch);
        verified.push(...(await judgeSets(actor, tenantId, { set_ids, damaged, in_pass: true })));
      }
    } finally {
      // Also of a pass that was cut short: the next one passes over what this one has judged.
      if (verified.length > 0) {
        const harmed = verified.filter((set) => set.status === "damaged").length;
        await notePass(actor, tenantId, { sets: verified.length, damaged: harmed });
      }
    }
    return verified;
  },
});

/** All sets, also in the bin; those of one schedule, which share most, together. */
const everySet = operation({
  name: "verify.every_set",
  permission: "set:verify",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({}),
  output: z.array(id),
  async run({ db }) {
    const sets = await db.backupSet.findMany({
      select: { id: true },
      orderBy: [{ backup_schedule_id: "asc" }, { id: "asc" }],
    });
    return sets.map((set) => set.id);
  },
});

const inspectedSetView = z.strictObject({ set_id: id, items: z.int(), faults: z.array(z.string()) });

/** Judges sets as `verify.judge` does, and records nothing. */
const inspectBatch = operation({
  name: "verify.inspect",
  permission: "set:verify",
  effect: "read",
  timeoutMs: 300_000,
  input: z.strictObject({
    set_ids: z.array(idSchema).max(setBatch),
    damaged: z.array(z.tuple([z.string(), z.string()])),
  }),
  output: z.array(inspectedSetView),
  async run({ db }, { set_ids, damaged }) {
    const sets = await db.backupSet.findMany({ where: { id: { in: set_ids } }, orderBy: { id: "asc" } });
    const inspected = await inspectSets(db, sets, new Map(damaged));
    return sets.map(({ id: set_id, item_count: items }) => {
      const faults = inspected.get(set_id)?.faults ?? [];
      return { set_id, items, faults: faults.map((fault) => fault.message) };
    });
  },
});

/** What was found of a set: the items that it says it has, and what is wrong, in sentences. */
export type InspectedSet = z.infer<typeof inspectedSetView>;

/**
 * Proves some sets of a tenant, and changes nothing.
 * @param set_ids at most `verifyTogether`
 * @returns those that still exist
 */
export async function proveSets(tenantId: number, set_ids: number[]): Promise<InspectedSet[]> {
  const damaged = [...(await damagedInSets(verifierActor, tenantId, set_ids))];
  return inspectBatch(verifierActor, tenantId, { set_ids, damaged });
}

/**
 * Proves all sets of a tenant, also those in the bin and of an archived tenant, and changes nothing: each stored snapshot is
 * recomputed once, then each set is held against it.
 * @returns the sets, in batches as they are done
 */
export async function* proveTenant(tenantId: number): AsyncGenerator<InspectedSet[]> {
  const ids = await everySet(verifierActor, tenantId, {});
  const damaged = [...(await damagedInTenant(verifierActor, tenantId))];
  for (let from = 0; from < ids.length; from += setBatch)
    yield await inspectBatch(verifierActor, tenantId, { set_ids: ids.slice(from, from + setBatch), damaged });
}

/**
 * Verifies the sets of a tenant that refer to snapshots which were found damaged, or healed, since the sets were last
 * verified.
 */
export async function verifyAffectedSets(
  tenantId: number,
  signal?: AbortSignal,
): Promise<{ sets: number; damaged: number }> {
  const ids = await setsAffectedByDamage(verifierActor, tenantId, {});
  let damaged = 0;
  for (let from = 0; from < ids.length; from += setBatch) {
    signal?.throwIfAborted();
    const set_ids = ids.slice(from, from + setBatch);
    const verified = await verifyTogetherIn(verifierActor, tenantId, set_ids, signal);
    damaged += verified.filter((set) => set.status === "damaged").length;
  }
  return { sets: ids.length, damaged };
}

/** Of a pass over all tenants. `stopped`: the signal ended it before the last. */
export interface VerifyPass {
  tenants: number;
  sets: number;
  damaged: number;
  stopped: boolean;
}

/**
 * The weekly pass over all tenants. One that begins again within a day goes on where the last one ended. Trouble with one
 * tenant does not keep it from the others.
 * @throws AggregateError with what went wrong, at the end
 */
export async function verifyAllTenants(signal?: AbortSignal): Promise<VerifyPass> {
  const pass: VerifyPass = { tenants: 0, sets: 0, damaged: 0, stopped: false };
  const errors: unknown[] = [];
  for (const tenantId of await allTenantIds(dispatcherActor, {})) {
    try {
      const verified = await verifyTenant(verifierActor, tenantId, {
        unverified_for_hours: 24,
        ...(signal ? { signal } : {}),
      });
      pass.tenants += 1;
      pass.sets += verified.length;
      pass.damaged += verified.filter((set) => set.status === "damaged").length;
    } catch (error) {
      if (signal?.aborted) return { ...pass, stopped: true };
      // A tenant that was removed meanwhile has nothing to verify.
      if (!(error instanceof AppError && error.code === "NOT_FOUND")) errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, "The sets of some tenants could not be verified");
  return pass;
}
