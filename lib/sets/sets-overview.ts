import { z } from "zod";
import { operation } from "#lib/operation";
import { id, instant } from "#lib/view-fields";
import { verifyResultView } from "./views.ts";

/** Schedules that the overview names at most: those with the newest sets. */
const maxSchedules = 200;
/** At most this many damaged sets are shown in the overview, and faults of each. */
const maxDamaged = 10;
const maxFaults = 3;

const scheduleWithSetsView = z.strictObject({
  id,
  name: z.string(),
  is_deleted: z.boolean(),
  kept: z.int(),
  binned: z.int(),
});

/** A schedule that has backup sets, deleted or not. */
export type ScheduleWithSets = z.infer<typeof scheduleWithSetsView>;

const damagedSetView = z.strictObject({
  set_id: id,
  schedule_name: z.string(),
  is_binned: z.boolean(),
  created_at: instant,
  verified_at: instant,
  fault_count: z.int(),
  faults: verifyResultView.shape.faults.max(maxFaults).meta({ description: "The first ones" }),
});

/** A set whose newest verification found damage. */
export type DamagedSet = z.infer<typeof damagedSetView>;

const setsOverviewView = z.strictObject({
  kept: z.int(),
  binned: z.int(),
  schedules: z
    .array(scheduleWithSetsView)
    .max(maxSchedules)
    .meta({ description: `By name; at most ${maxSchedules}, those with the newest sets` }),
  damaged_count: z.int(),
  damaged: z
    .array(damagedSetView)
    .max(maxDamaged)
    .meta({ description: `Newest first; at most ${maxDamaged}` }),
});

/** What stands around a list of the tenant's backup sets. */
export type SetsOverview = z.infer<typeof setsOverviewView>;

/** How many sets are kept and in the bin, of which schedules, and which are damaged. */
export const getSetsOverview = operation({
  name: "set.overview",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({}),
  output: setsOverviewView,
  async run({ db, tenant }) {
    // Read from the index sets_of_schedules_idx alone: it holds no id, so the newest is told by its time.
    const schedules = await db.$queryRaw<(ScheduleWithSets & { all_kept: number; all_binned: number })[]>`
      SELECT s.id, s.name, s.deleted_at IS NOT NULL AND s.origin = 'people' AS is_deleted, b.kept, b.binned, b.all_kept, b.all_binned
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
