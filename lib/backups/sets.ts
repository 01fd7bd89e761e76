import { z } from "zod";
import type { BackupSet } from "#lib/db/generated/client";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { decodeCursor, type Page, pageFields, toPage } from "#lib/pagination";
import type { TypeSummary } from "#lib/runs/schema";
import { type BackupSetDetails, type BackupSetView, binDays, type VerifyResult } from "./schema.ts";

/**
 * The tenant's backup sets, newest first: those that are kept, or with `bin` those in the bin; of one schedule, deleted
 * or not, when named.
 */
export const listBackupSets = operation({
  name: "set.list",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ ...pageFields, schedule_id: idSchema.optional(), bin: z.boolean().default(false) }),
  async run({ db }, { limit, cursor, schedule_id, bin }): Promise<Page<BackupSetView>> {
    const before = decodeCursor(cursor);
    const rows = await db.backupSet.findMany({
      where: {
        deleted_at: bin ? { not: null } : null,
        ...(before === null ? {} : { id: { lt: Number(before) } }),
        ...(schedule_id === undefined ? {} : { backup_schedule_id: schedule_id }),
      },
      include: { schedule: { select: { name: true } } },
      omit: { manifest: true, item_parity: true, seal: true },
      orderBy: { id: "desc" },
      take: limit + 1,
    });
    return toPage(rows, limit, presentSet);
  },
});

/** One backup set, also from the bin, with its manifest. @throws AppError NOT_FOUND */
export const getBackupSet = operation({
  name: "set.get",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ set_id: idSchema }),
  async run({ db }, { set_id }): Promise<BackupSetDetails> {
    const row = await db.backupSet.findFirst({
      where: { id: set_id },
      include: { schedule: { select: { name: true } } },
    });
    if (!row) throw setNotFound();
    return {
      ...presentSet(row),
      types: (row.manifest as unknown as { types: Record<string, TypeSummary> }).types,
      verify_result: row.verify_result as unknown as VerifyResult | null,
    };
  },
});

/** The answer for a set that is not there for this tenant. */
export function setNotFound(): AppError {
  return new AppError("NOT_FOUND", "There is no such backup set in this tenant.");
}

/** A set's row as API and pages show it. */
export function presentSet(
  row: Omit<BackupSet, "manifest" | "item_parity" | "seal"> & { schedule: { name: string } },
): BackupSetView {
  return {
    id: row.id,
    tenant_id: row.tenant_id,
    backup_schedule_id: row.backup_schedule_id,
    schedule_name: row.schedule.name,
    run_id: row.run_id,
    status: row.status === "success" ? "success" : "partial",
    item_count: row.item_count,
    bytes_logical: Number(row.bytes_logical),
    bytes_stored: Number(row.bytes_stored),
    manifest_sha256: row.manifest_sha256,
    created_at: row.created_at.toISOString(),
    pinned_at: row.pinned_at?.toISOString() ?? null,
    deleted_at: row.deleted_at?.toISOString() ?? null,
    purge_after: row.deleted_at
      ? new Date(row.deleted_at.getTime() + binDays * 86_400_000).toISOString()
      : null,
    verified_at: row.verified_at?.toISOString() ?? null,
    verify_status: (row.verify_result as unknown as VerifyResult | null)?.status ?? null,
  };
}
