import { z } from "zod";
import { dispatcherActor, retentionActor } from "#lib/access/actor";
import { allTenantIds } from "#lib/access/all-tenants";
import { keyOf } from "#lib/contents/segment";
import { removeFromSegments } from "#lib/contents/segments";
import { Prisma } from "#lib/db/generated/client";
import { scheduleNotFound } from "#lib/db/schedule-row";
import type { Tx } from "#lib/db/transaction";
import { idSchema } from "#lib/ids";
import { previewedSets } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { operation, platformOperation } from "#lib/operation";
import { timezoneField } from "#lib/recurrence/timezone-field";
import { lockRanges, movedVolatiles, openEnd } from "#lib/sets/ranges";
import { binDays } from "#lib/sets/schema";
import { presentSet } from "#lib/sets/sets";
import { setView } from "#lib/sets/views";
import { id } from "#lib/view-fields";
import { clearStaging } from "./clear-staging.ts";
import { keepReasons, planRetention, type RetainableSet, type RetentionPlan } from "./plan.ts";
import { perRule, retentionFields } from "./rules.ts";

/** Sets that one transaction purges at most. */
const purgeBatch = 200;

/**
 * Applies a schedule's retention: the sets that its rules do not keep go to the bin. A deleted schedule keeps all its
 * sets, and so does a schedule of an archived tenant. Repeating it changes nothing more.
 */
export const applyRetention = operation({
  name: "retention.apply",
  permission: "retention:apply",
  effect: "write",
  as: "retention",
  timeoutMs: 60_000,
  input: z.strictObject({ backup_schedule_id: idSchema }),
  output: z.strictObject({ removed: z.array(id) }),
  async run({ db, tenant, audit, unchanged }, { backup_schedule_id }) {
    const schedule = await db.backupSchedule.findFirst({
      // That of restores is to people as a deleted one; its sets are kept by its rules all the same.
      where: { id: backup_schedule_id, OR: [{ deleted_at: null }, { origin: "restore" }] },
    });
    const plan =
      schedule && !tenant.is_archived && planRetention(await liveSets(db, backup_schedule_id), schedule);
    if (!plan || plan.removed.length === 0) {
      unchanged();
      return { removed: [] };
    }
    await db.$executeRaw`UPDATE backup_sets SET deleted_at = now() WHERE id = ANY(${plan.removed}::int[])`;
    for (const setId of plan.removed) {
      audit({
        action: "set.removed",
        target: { kind: "set", id: setId },
        details: { backup_schedule_id, reason: "retention" },
      });
    }
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "set", id: null }]);
    return { removed: plan.removed };
  },
});

/**
 * The schedule's live sets, oldest first, locked until the transaction ends: whoever pins, removes or restores one of
 * them meanwhile waits, and is waited for.
 */
async function liveSets(db: Tx, scheduleId: number): Promise<RetainableSet[]> {
  return db.$queryRaw<RetainableSet[]>`
    SELECT id, created_at, status::text AS status, pinned_at IS NOT NULL AS is_pinned FROM backup_sets
    WHERE backup_schedule_id = ${scheduleId} AND deleted_at IS NULL ORDER BY id FOR UPDATE`;
}

const retentionPreviewView = z.strictObject({
  removed_count: z.int().meta({ description: "All that would go to the bin, also those that are not named" }),
  removed: z
    .array(setView)
    .max(previewedSets)
    .meta({ description: `Would go to the bin, newest first; at most ${previewedSets} of them` }),
  kept_count: z.int().meta({ description: "All that would stay, also those that are not named" }),
  kept: z
    .array(
      z.strictObject({
        ...setView.shape,
        reasons: z.array(z.enum(keepReasons)),
      }),
    )
    .max(2 * previewedSets)
    .meta({
      description:
        `Would stay, newest first, and why; at most ${previewedSets} that a rule keeps, and as many that stay only because they ` +
        "are pinned, or one is the newest complete set",
    }),
});

/** What retention would do with a schedule's sets. */
export type RetentionPreview = z.infer<typeof retentionPreviewView>;

/** The rules to try; the schedule's own stand in for those left out. */
const previewRules = z.strictObject({ ...retentionFields, timezone: timezoneField }).partial();

/** The same in a query. */
const previewQuery = z.strictObject(
  perRule(({ description }, field) =>
    z.coerce.number().pipe(retentionFields[field]).optional().meta({ description }),
  ),
);

/**
 * Names the exact sets that a schedule's retention would remove and keep, with its own rules or with those given: the newest
 * `previewedSets` of each kind, with the counts of all.
 * @throws AppError NOT_FOUND, VALIDATION_FAILED
 */
export const previewRetention = operation({
  name: "retention.preview",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ schedule_id: idSchema, ...previewRules.shape }),
  output: retentionPreviewView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-schedules/{scheduleId}/retention-preview",
    operationId: "previewRetention",
    summary: "Which sets retention would remove and keep",
    description:
      "With the rules given, else with the schedule's own. Nothing is changed. All sets are counted, and the newest named.",
    tag: "Backup schedules",
    query: previewQuery,
    answer: "The exact sets, and how many they are",
  },
  async run({ db }, { schedule_id, ...rules }) {
    const schedule = await db.backupSchedule.findFirst({ where: { id: schedule_id, deleted_at: null } });
    if (!schedule) throw scheduleNotFound();
    const live = await db.$queryRaw<RetainableSet[]>`
      SELECT id, created_at, status::text AS status, pinned_at IS NOT NULL AS is_pinned FROM backup_sets
      WHERE backup_schedule_id = ${schedule_id} AND deleted_at IS NULL ORDER BY id DESC`;
    const plan = planRetention(live, { ...schedule, ...rules });
    const isByRule = ({ reasons }: RetentionPlan["kept"][number]) =>
      reasons.some((reason) => reason !== "pinned" && reason !== "last_success");
    // What stays without a rule is named however many newer sets the rules keep.
    const kept = [
      ...plan.kept.filter(isByRule).slice(0, previewedSets),
      ...plan.kept.filter((set) => !isByRule(set)).slice(0, previewedSets),
    ];
    const reasons = new Map(kept.map((set) => [set.id, set.reasons]));
    const rows = await db.backupSet.findMany({
      where: { id: { in: [...plan.removed.slice(0, previewedSets), ...reasons.keys()] } },
      include: { schedule: { select: { name: true } } },
      omit: { manifest: true, item_parity: true, moved_items: true, seal: true },
      orderBy: { id: "desc" },
    });
    const named = rows.map(presentSet);
    return {
      removed_count: plan.removed.length,
      removed: named.filter((set) => !reasons.has(set.id)),
      kept_count: plan.kept.length,
      kept: named.flatMap((set) => {
        const why = reasons.get(set.id);
        return why ? [{ ...set, reasons: why }] : [];
      }),
    };
  },
});

/**
 * Purges up to `purgeBatch` sets that have been in the bin for longer than `binDays`, with their items; and when no
 * more are left, the snapshots that nothing refers to. One transaction: a crash leaves the bin as it was. In an archived
 * tenant nothing is purged: its members can take nothing out of the bin.
 *
 * A run in progress may refer to a snapshot that no set uses yet: its staged items count as references, and
 * their foreign key refuses the removal of a snapshot that a concurrent run has just found.
 * @returns `more`: there are further sets to purge; call again
 */
export const purgeBin = operation({
  name: "retention.purge",
  permission: "retention:apply",
  effect: "write",
  as: "retention",
  timeoutMs: 300_000,
  input: z.strictObject({ older_than_days: z.number().min(0).default(binDays) }),
  output: z.strictObject({ purged: z.array(id), snapshots: z.int(), more: z.boolean() }),
  async run({ db, tenant, audit, unchanged }, { older_than_days }) {
    if (tenant.is_archived) {
      unchanged();
      return { purged: [], snapshots: 0, more: false };
    }
    // Before the sets' own rows: whoever writes a set holds its schedule's ranges, and waits for no set.
    const candidates = await db.$queryRaw<{ id: number }[]>`
      SELECT DISTINCT backup_schedule_id AS id FROM backup_sets ${dueSets(older_than_days)}`;
    const schedules = candidates.map((schedule) => schedule.id);
    await lockRanges(db, schedules);
    const due = await db.$queryRaw<{ id: number }[]>`
      SELECT id FROM backup_sets ${dueSets(older_than_days)} AND backup_schedule_id = ANY(${schedules}::int[])
      ORDER BY id LIMIT ${purgeBatch} FOR UPDATE`;
    const ids = due.map((set) => set.id);
    const more = ids.length === purgeBatch;
    await db.$executeRaw`UPDATE backup_schedule_runs SET backup_set_id = NULL WHERE backup_set_id = ANY(${ids}::int[])`;
    const purged = await db.$queryRaw<{ backup_schedule_id: number; first: number; last: number }[]>`
      WITH purged AS (DELETE FROM backup_sets WHERE id = ANY(${ids}::int[]) RETURNING id, backup_schedule_id)
      SELECT backup_schedule_id, min(id) AS first, max(id) AS last FROM purged GROUP BY backup_schedule_id`;
    for (const of of purged) await removeRanges(db, of.backup_schedule_id, of.first, of.last);
    const removed = more
      ? []
      : await db.$queryRaw<{ sha256: string }[]>`
          DELETE FROM snapshots s
          WHERE s.tenant_id = ${tenant.id}
            AND NOT EXISTS (SELECT 1 FROM item_ranges i WHERE i.tenant_id = s.tenant_id AND i.sha256 = s.sha256)
            AND NOT EXISTS (SELECT 1 FROM staged_items i WHERE i.tenant_id = s.tenant_id AND i.sha256 = s.sha256)
            AND NOT EXISTS (SELECT 1 FROM backup_sets b WHERE b.tenant_id = s.tenant_id AND b.names_sha256 = s.sha256)
          RETURNING s.sha256`;
    await removeFromSegments(db, tenant.id, new Set(removed.map((row) => keyOf(row.sha256))));
    const snapshots = removed.length;
    for (const setId of ids) audit({ action: "set.purged", target: { kind: "set", id: setId } });
    if (snapshots > 0) audit({ action: "snapshots.purged", details: { snapshots } });
    if (ids.length === 0 && snapshots === 0) unchanged();
    return { purged: ids, snapshots, more };
  },
});

/** Which sets are to be purged, as a condition. */
function dueSets(olderThanDays: number): Prisma.Sql {
  return Prisma.sql`
    WHERE deleted_at < now() - make_interval(secs => ${olderThanDays * 86_400}) AND pinned_at IS NULL`;
}

/**
 * Removes the ranges of a schedule that lost sets and have none left, and the volatile fields that no set that is left shows.
 * @param first the first of the purged sets
 * @param last the last of them
 */
async function removeRanges(db: Tx, scheduleId: number, first: number, last: number): Promise<void> {
  const touched = Prisma.sql`
    r.backup_schedule_id = ${scheduleId} AND r.until_set_id > ${first} AND r.from_set_id <= ${last}`;
  const left = Prisma.sql`
    SELECT FROM backup_sets b WHERE b.backup_schedule_id = r.backup_schedule_id AND b.id < r.until_set_id`;
  await db.$executeRaw`
    WITH spans AS MATERIALIZED (
      SELECT range_id, from_set_id, lead(from_set_id, 1, ${openEnd}) OVER (PARTITION BY range_id ORDER BY from_set_id) AS until_set_id
      FROM (${movedVolatiles(scheduleId)}) n
    )
    DELETE FROM item_volatiles v USING item_ranges r, spans n
    WHERE ${touched} AND v.tenant_id = r.tenant_id AND v.range_id = r.id AND v.from_set_id <= ${last}
      AND n.range_id = v.range_id AND n.from_set_id = v.from_set_id
      AND NOT EXISTS (${left} AND b.id >= v.from_set_id AND b.id < n.until_set_id)`;
  // The first set that is left from theirs on shows some of them, or no set does.
  await db.$executeRaw`
    DELETE FROM moved_volatiles m WHERE m.backup_schedule_id = ${scheduleId} AND m.from_set_id <= ${last} AND NOT EXISTS (
      SELECT FROM (SELECT min(b.id) AS id FROM backup_sets b
                   WHERE b.backup_schedule_id = m.backup_schedule_id AND b.id >= m.from_set_id) first, unnest(m.places) place
      JOIN item_ranges r ON r.tenant_id = m.tenant_id AND r.id = m.shelf * 512 + place
      WHERE r.until_set_id > first.id AND NOT EXISTS (
        SELECT FROM moved_volatiles n
        WHERE n.backup_schedule_id = m.backup_schedule_id AND n.shelf = m.shelf AND n.from_set_id > m.from_set_id
          AND n.from_set_id <= first.id AND place = ANY (n.places)))`;
  await db.$executeRaw`DELETE FROM item_ranges r WHERE ${touched} AND NOT EXISTS (${left} AND b.id >= r.from_set_id)`;
}

/** Every schedule that has sets, by tenant, but those of archived tenants: what the daily sweep goes through. */
const schedulesWithSets = platformOperation({
  name: "retention.find",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.array(z.strictObject({ tenant_id: id, backup_schedule_id: id })),
  async run({ db }) {
    return db.$queryRaw<{ tenant_id: number; backup_schedule_id: number }[]>`
      SELECT DISTINCT tenant_id, backup_schedule_id FROM backup_schedule_runs
      WHERE backup_set_id IS NOT NULL AND tenant_id <> ALL (ARRAY(SELECT id FROM tenants WHERE archived_at IS NOT NULL))
      ORDER BY tenant_id, backup_schedule_id`;
  },
});

/**
 * The daily sweep over all tenants: each schedule's retention, then the bins, and what staging left. Trouble with one tenant does not keep it
 * from the others.
 * @throws AggregateError with what went wrong, at the end
 */
export async function sweepRetention(
  options: { signal?: AbortSignal; older_than_days?: number } = {},
): Promise<void> {
  const { signal, older_than_days = binDays } = options;
  const errors: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>) => {
    if (!signal?.aborted) await work().catch((error: unknown) => errors.push(error));
  };
  for (const { tenant_id, backup_schedule_id } of await schedulesWithSets(dispatcherActor, {})) {
    await attempt(() => applyRetention(retentionActor, tenant_id, { backup_schedule_id }));
  }
  for (const tenant_id of await allTenantIds(dispatcherActor, {})) {
    await attempt(async () => {
      while (!signal?.aborted && (await purgeBin(retentionActor, tenant_id, { older_than_days })).more);
    });
  }
  await attempt(() => clearStaging(dispatcherActor));
  if (errors.length > 0) throw new AggregateError(errors, "Retention could not be applied everywhere");
}
