import { z } from "zod";
import { operation } from "#lib/operation";
import type { VerifyFault } from "./schema.ts";

/** Schedules that the overview names at most: those with the newest sets. */
const maxSchedules = 200;
/** Damaged sets that the overview tells of at most, and faults of each. */
const maxDamaged = 10;
const maxFaults = 3;

/** A schedule that has backup sets, deleted or not. */
export interface ScheduleWithSets {
  id: number;
  name: string;
  is_deleted: boolean;
  kept: number;
  binned: number;
}

/** A set whose newest verification found damage. */
export interface DamagedSet {
  set_id: number;
  schedule_name: string;
  is_binned: boolean;
  created_at: string;
  verified_at: string;
  fault_count: number;
  /** The first ones. */
  faults: VerifyFault[];
}

/** What stands around a list of the tenant's backup sets. */
export interface SetsOverview {
  kept: number;
  binned: number;
  /** By name; at most 200, those with the newest sets. */
  schedules: ScheduleWithSets[];
  damaged_count: number;
  /** Newest first; at most 10. */
  damaged: DamagedSet[];
}

/** How many sets are kept and in the bin, of which schedules, and which are damaged. */
export const getSetsOverview = operation({
  name: "set.overview",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({}),
  async run({ db, tenant }): Promise<SetsOverview> {
    // Read from the index sets_of_schedules_idx alone: it holds no id, so the newest is told by its time.
    const schedules = await db.$queryRaw<(ScheduleWithSets & { all_kept: number; all_binned: number })[]>`
      SELECT s.id, s.name, s.deleted_at IS NOT NULL AS is_deleted, b.kept, b.binned, b.all_kept, b.all_binned
      FROM (SELECT backup_schedule_id AS id, (count(*) - count(deleted_at))::int AS kept, count(deleted_at)::int AS binned,
                   (sum(count(*) - count(deleted_at)) OVER ())::int AS all_kept,
                   (sum(count(deleted_at)) OVER ())::int AS all_binned, max(created_at) AS newest
            FROM backup_sets WHERE tenant_id = ${tenant.id} GROUP BY backup_schedule_id
            ORDER BY newest DESC, id DESC LIMIT ${maxSchedules}) b
      JOIN backup_schedules s USING (id)`;
    const damaged = await db.$queryRaw<
      (Omit<DamagedSet, "created_at" | "verified_at"> & {
        created_at: Date;
        verified_at: Date;
        total: number;
      })[]
    >`
      SELECT b.id AS set_id, s.name AS schedule_name, b.deleted_at IS NOT NULL AS is_binned, b.created_at, b.verified_at,
             (b.verify_result ->> 'fault_count')::int AS fault_count,
             jsonb_path_query_array(b.verify_result, '$.faults[0 to $last]', jsonb_build_object('last', ${maxFaults - 1}::int))
               AS faults,
             count(*) OVER ()::int AS total
      FROM backup_sets b JOIN backup_schedules s ON s.id = b.backup_schedule_id
      WHERE b.tenant_id = ${tenant.id} AND b.verify_result ->> 'status' = 'damaged'
      ORDER BY b.id DESC LIMIT ${maxDamaged}`;
    return {
      kept: schedules[0]?.all_kept ?? 0,
      binned: schedules[0]?.all_binned ?? 0,
      schedules: schedules
        .map(({ all_kept: _allKept, all_binned: _allBinned, ...schedule }) => schedule)
        .sort((a, b) => Number(a.is_deleted) - Number(b.is_deleted) || a.name.localeCompare(b.name, "en")),
      damaged_count: damaged[0]?.total ?? 0,
      damaged: damaged.map(({ total: _total, ...set }) => ({
        ...set,
        created_at: set.created_at.toISOString(),
        verified_at: set.verified_at.toISOString(),
      })),
    };
  },
});
