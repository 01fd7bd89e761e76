import { z } from "zod";
import type { TypeSummary } from "#lib/capture/summary";
import { type BackupSet, Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { decodeIdCursor, pageFields, toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { pageOf } from "#lib/view-fields";
import { predecessorSql } from "./predecessor.ts";
import {
  type BackupSetView,
  binDays,
  type ListedBackupSet,
  type SetChanges,
  type VerifyResult,
} from "./schema.ts";
import { listedSetView, setDetailsView, setView } from "./views.ts";

/**
 * The tenant's backup sets, newest first: those that are kept, or with `bin` those in the bin; of one schedule, deleted
 * or not, when named.
 */
export const listBackupSets = operation({
  name: "set.list",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ ...pageFields, schedule_id: idSchema.optional(), bin: z.boolean().default(false) }),
  output: pageOf(listedSetView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets",
    operationId: "listBackupSets",
    summary: "List backup sets",
    tag: "Backup sets",
    query: z.strictObject({
      ...pageFields,
      schedule_id: idSchema.optional().meta({ description: "Only this schedule's, deleted or not" }),
      bin: z
        .stringbool("must be true or false")
        .optional()
        .meta({ description: "true: those in the bin; else those that are kept" }),
    }),
    answer: "Newest first; with bin=true, those in the bin",
    paged: true,
  },
  async run({ db, tenant }, { limit, cursor, schedule_id, bin }) {
    const before = decodeIdCursor(cursor);
    const rows = await db.backupSet.findMany({
      where: {
        deleted_at: bin ? { not: null } : null,
        ...(before === null ? {} : { id: { lt: before } }),
        ...(schedule_id === undefined ? {} : { backup_schedule_id: schedule_id }),
      },
      include: { schedule: { select: { name: true } } },
      omit: { manifest: true, item_parity: true, moved_items: true, seal: true },
      orderBy: { id: "desc" },
      take: limit + 1,
    });
    const contexts = await contextOf(
      db,
      rows.slice(0, limit).map((row) => row.id),
    );
    return toPage(rows, limit, (row) => ({
      ...presentSet(row),
      ...(contexts.get(row.id) ?? noContext),
      ...(tenant.is_archived && neverPurged),
    }));
  },
});

/** One backup set, also from the bin, with its manifest. @throws AppError NOT_FOUND */
export const getBackupSet = operation({
  name: "set.get",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ set_id: idSchema }),
  output: setDetailsView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}",
    operationId: "getBackupSet",
    summary: "One backup set, with what became of each policy type",
    tag: "Backup sets",
    answer: "The set",
  },
  async run({ db, tenant }, { set_id }) {
    const row = await db.backupSet.findFirst({
      where: { id: set_id },
      include: { schedule: { select: { name: true } } },
    });
    if (!row) throw setNotFound();
    const contexts = await contextOf(db, [row.id]);
    return {
      ...presentSet(row),
      ...(contexts.get(row.id) ?? noContext),
      ...(tenant.is_archived && neverPurged),
      types: (row.manifest as unknown as { types: Record<string, TypeSummary> }).types,
      verify_result: verifyResultOf(row),
    };
  },
});

/** In an archived tenant nothing leaves the bin. */
const neverPurged = { purge_after: null };

type SetContext = Omit<ListedBackupSet, keyof BackupSetView>;

const noContext: SetContext = {
  schedule_is_deleted: false,
  previous_set_id: null,
  changes: null,
  is_last_complete: false,
  removed_by: null,
};

/** What a page of sets cannot say of itself, in one statement for all of them: set id → context. */
async function contextOf(db: Tx, setIds: readonly number[]): Promise<Map<number, SetContext>> {
  const rows = await db.$queryRaw<
    {
      id: number;
      schedule_is_deleted: boolean;
      previous_set_id: number | null;
      changes: SetChanges | null;
      is_last_complete: boolean;
      removed_by_kind: "user" | "token" | "system" | null;
      removed_by_name: string | null;
    }[]
  >`
    SELECT b.id, s.deleted_at IS NOT NULL AND s.origin = 'people' AS schedule_is_deleted, r.summary -> 'changes' AS changes,
           ${predecessorSql(Prisma.sql`b.backup_schedule_id`, Prisma.sql`b.id`)} AS previous_set_id,
           b.status = 'success' AND b.deleted_at IS NULL AND s.deleted_at IS NULL AND NOT EXISTS (
             SELECT 1 FROM backup_sets n
             WHERE n.backup_schedule_id = b.backup_schedule_id AND n.id > b.id AND n.status = 'success'
               AND n.deleted_at IS NULL) AS is_last_complete,
           removal.actor_kind AS removed_by_kind, removal.actor_name AS removed_by_name
    FROM backup_sets b
    JOIN backup_schedules s ON s.id = b.backup_schedule_id
    JOIN backup_schedule_runs r ON r.id = b.run_id
    LEFT JOIN LATERAL (
      SELECT a.actor_kind, a.actor_name FROM audit_log a
      WHERE b.deleted_at IS NOT NULL AND a.tenant_id = b.tenant_id AND a.action = 'set.removed' AND a.target_id = b.id
      ORDER BY a.id DESC LIMIT 1) removal ON true
    WHERE b.id = ANY(${[...setIds]}::int[])`;
  return new Map(
    rows.map(({ id, removed_by_kind, removed_by_name, ...context }) => [
      id,
      {
        ...context,
        removed_by:
          removed_by_kind === null
            ? null
            : { kind: removed_by_kind, name: removed_by_name ?? removed_by_kind },
      },
    ]),
  );
}

/** The answer for a set that is not there for this tenant. */
export function setNotFound(): AppError {
  return new AppError("NOT_FOUND", "There is no such backup set in this tenant.");
}

/** What the newest verification of a set found; results of earlier versions tell nothing of healing. */
export function verifyResultOf(row: Pick<BackupSet, "verify_result">): VerifyResult | null {
  const result = row.verify_result as unknown as VerifyResult | null;
  return result && { ...result, healed_at: result.healed_at ?? null };
}

/** A set's row as API and pages show it. */
export function presentSet(
  row: Omit<BackupSet, "manifest" | "item_parity" | "moved_items" | "seal"> & { schedule: { name: string } },
): BackupSetView {
  return present(setView, {
    ...row,
    schedule_name: row.schedule.name,
    status: row.status === "success" ? "success" : "partial",
    purge_after: row.deleted_at && new Date(row.deleted_at.getTime() + binDays * 86_400_000),
    verify_status: verifyResultOf(row)?.status ?? null,
  });
}
