import { z } from "zod";
import { operation } from "#lib/operation";

/** What a tenant's backups take. Bytes. */
export interface StorageOverview {
  sets: number;
  /** Sets in the bin: they take storage until they are purged. */
  binned_sets: number;
  items: number;
  /** What all sets' policies would take as plain JSON files, each set whole. */
  bytes_logical: number;
  /** What the different contents take as plain JSON. */
  bytes_unique: number;
  /** What they take as stored: each content once, compressed. */
  bytes_stored: number;
  /** bytes_logical / bytes_stored; null when nothing is stored. */
  ratio: number | null;
  /** The last twelve weeks (ISO, from Monday, UTC), oldest first: what new contents added. */
  weeks: { week_begins: string; bytes_added: number; snapshots_added: number; sets_made: number }[];
}

/** What the tenant's backups take, and how that grows. */
export const getStorageOverview = operation({
  name: "storage.overview",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({}),
  async run({ db, tenant }): Promise<StorageOverview> {
    const [sets] = await db.$queryRaw<{ sets: number; binned: number; items: bigint; logical: bigint }[]>`
      SELECT count(*) FILTER (WHERE deleted_at IS NULL)::int AS sets,
             count(*) FILTER (WHERE deleted_at IS NOT NULL)::int AS binned,
             coalesce(sum(item_count), 0)::bigint AS items, coalesce(sum(bytes_logical), 0)::bigint AS logical
      FROM backup_sets`;
    const [stored] = await db.$queryRaw<{ logical: bigint; stored: bigint }[]>`
      SELECT coalesce(sum(bytes_logical), 0)::bigint AS logical, coalesce(sum(bytes_stored), 0)::bigint AS stored
      FROM snapshots WHERE tenant_id = ${tenant.id}`;
    const weeks = await db.$queryRaw<
      { week_begins: string; bytes_added: bigint; snapshots_added: number; sets_made: number }[]
    >`
      WITH weeks AS (
        SELECT week FROM generate_series(date_trunc('week', now() AT TIME ZONE 'UTC') - interval '11 weeks',
                                         date_trunc('week', now() AT TIME ZONE 'UTC'), interval '1 week') AS week
      ), added AS (
        SELECT date_trunc('week', created_at AT TIME ZONE 'UTC') AS week, sum(bytes_stored)::bigint AS bytes,
               count(*)::int AS snapshots
        FROM snapshots WHERE tenant_id = ${tenant.id} AND created_at > now() - interval '13 weeks' GROUP BY 1
      ), made AS (
        SELECT date_trunc('week', created_at AT TIME ZONE 'UTC') AS week, count(*)::int AS sets
        FROM backup_sets WHERE created_at > now() - interval '13 weeks' GROUP BY 1
      )
      SELECT to_char(weeks.week, 'YYYY-MM-DD') AS week_begins, coalesce(added.bytes, 0)::bigint AS bytes_added,
             coalesce(added.snapshots, 0) AS snapshots_added, coalesce(made.sets, 0) AS sets_made
      FROM weeks LEFT JOIN added USING (week) LEFT JOIN made USING (week) ORDER BY weeks.week`;
    const bytes_logical = Number(sets?.logical ?? 0);
    const bytes_stored = Number(stored?.stored ?? 0);
    return {
      sets: sets?.sets ?? 0,
      binned_sets: sets?.binned ?? 0,
      items: Number(sets?.items ?? 0),
      bytes_logical,
      bytes_unique: Number(stored?.logical ?? 0),
      bytes_stored,
      ratio: bytes_stored === 0 ? null : bytes_logical / bytes_stored,
      weeks: weeks.map((week) => ({ ...week, bytes_added: Number(week.bytes_added) })),
    };
  },
});
