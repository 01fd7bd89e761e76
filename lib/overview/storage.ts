import { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { storageWeeks } from "#lib/limits";
import { operation } from "#lib/operation";
import { lastWeeks, type Period, zoneField } from "./days.ts";
import { storageView } from "./views.ts";

/** What a tenant's backups take, in bytes; the last weeks (from Monday, in the zone asked for), oldest first. */
export type StorageOverview = z.infer<typeof storageView>;

/**
 * What the tenant's backups take, and how that grows.
 * @param timezone IANA zone of the weeks; default UTC
 */
export const getStorageOverview = operation({
  name: "storage.overview",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ timezone: zoneField }),
  output: storageView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/storage",
    operationId: "getStorageOverview",
    summary: "What the tenant's backups take, and how that grows",
    tag: "Backup sets",
    query: z.strictObject({}),
    answer: "Bytes",
  },
  async run({ db, tenant, now }, { timezone }) {
    const weeks = lastWeeks(timezone, now, storageWeeks);
    const sets = await readSets(db, tenant.id, weeks);
    const [stored] = await db.$queryRaw<{ logical: bigint; stored: bigint }[]>`
      SELECT coalesce(sum(bytes_logical), 0)::bigint AS logical, coalesce(sum(bytes_stored), 0)::bigint AS stored
      FROM snapshots WHERE tenant_id = ${tenant.id}`;
    const growth = await db.$queryRaw<{ bytes: bigint; snapshots: number }[]>`
      SELECT added.* FROM unnest(${weeks.map((week) => week.from)}::timestamptz[], ${weeks.map((week) => week.to)}::timestamptz[])
        WITH ORDINALITY AS week(begins, ends, number)
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(bytes_stored), 0)::bigint AS bytes, count(*)::int AS snapshots FROM snapshots
        WHERE tenant_id = ${tenant.id} AND created_at >= week.begins AND created_at < week.ends) added
      ORDER BY week.number`;
    const bytes_logical = sets.reduce((sum, period) => sum + Number(period.logical), 0);
    const bytes_stored = Number(stored?.stored ?? 0);
    return {
      sets: sets.reduce((sum, period) => sum + period.kept, 0),
      binned_sets: sets.reduce((sum, period) => sum + period.binned, 0),
      items: sets.reduce((sum, period) => sum + Number(period.items), 0),
      bytes_logical,
      bytes_unique: Number(stored?.logical ?? 0),
      bytes_stored,
      ratio: bytes_stored === 0 ? null : bytes_logical / bytes_stored,
      weeks: growth.map(({ bytes, snapshots }, index) => ({
        week_begins: weeks[index]?.date ?? "",
        bytes_added: Number(bytes),
        snapshots_added: snapshots,
        sets_made: (sets[index + 1]?.kept ?? 0) + (sets[index + 1]?.binned ?? 0),
      })),
    };
  },
});

/**
 * Adds up a tenant's sets in one pass over them.
 * @param weeks one after the other, without gaps
 * @returns one entry for all time before the weeks, one for each week, and one for what is after them
 */
function readSets(db: Tx, tenantId: number, weeks: readonly Period[]): Promise<SetsOfPeriod[]> {
  const borders = [...weeks.map((week) => week.from), ...weeks.slice(-1).map((week) => week.to)];
  return db.$queryRaw<SetsOfPeriod[]>`
    SELECT made.*
    FROM unnest('-infinity'::timestamptz || ${borders}::timestamptz[], ${borders}::timestamptz[] || 'infinity'::timestamptz)
      WITH ORDINALITY AS period(begins, ends, number)
    CROSS JOIN LATERAL (
      SELECT (count(*) - count(deleted_at))::int AS kept, count(deleted_at)::int AS binned,
             coalesce(sum(item_count), 0)::bigint AS items, coalesce(sum(bytes_logical), 0)::bigint AS logical
      FROM backup_sets
      WHERE tenant_id = ${tenantId} AND created_at >= period.begins AND created_at < period.ends) made
    ORDER BY period.number`;
}

interface SetsOfPeriod {
  kept: number;
  binned: number;
  items: bigint;
  logical: bigint;
}
