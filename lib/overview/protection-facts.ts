import type { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import type { RunStatus } from "#lib/runs/schema";
import { breachGraceMs, isInBreach, missedOccurrences, type PromisedBackups } from "./breach.ts";
import type { protectionView } from "./views.ts";

/** What a judgement of a tenant's protection rests on. Instants are ISO 8601 in UTC. */
export type ProtectionFacts = z.infer<typeof protectionView>;

const namedBreaches = 5;

/**
 * Reads the facts of some tenants in three statements, however many tenants and schedules.
 * @param db bound to these tenants, as one tenant or as a person's portfolio
 * @returns one entry for each of them, by its id
 */
export async function readProtectionFacts(
  db: Tx,
  tenants: readonly TenantStanding[],
  now: Date,
): Promise<Map<number, ProtectionFacts>> {
  return protectionFacts(tenants, await readStates(db, tenants), await readBreaches(db, tenants, now), now);
}

/** A tenant that facts are read of. */
interface TenantStanding {
  id: number;
  /** Nothing runs in it: so nothing is planned there, and nothing promised. Its schedules keep the time of their next run. */
  is_archived: boolean;
}

/** What counts and the newest runs and sets of some tenants say. @param db bound to these tenants */
export async function readStates(db: Tx, tenants: readonly TenantStanding[]): Promise<States> {
  const tenantIds = tenants.map(({ id }) => id);
  const counts = await db.$queryRaw<CountRow[]>`
    SELECT tenant_id, count(*)::int AS total, (count(*) FILTER (WHERE is_enabled))::int AS enabled,
           (count(*) FILTER (WHERE NOT is_enabled AND paused_reason IS NOT NULL))::int AS paused,
           (count(*) FILTER (WHERE is_enabled AND last_run_status = 'failed'))::int AS failing,
           (count(*) FILTER (WHERE is_enabled AND last_run_status = 'partial'))::int AS incomplete,
           min(next_run_at) AS next_run_at
    FROM backup_schedules WHERE tenant_id = ANY(${tenantIds}::int[]) AND deleted_at IS NULL GROUP BY tenant_id`;
  const latest = await db.$queryRaw<LatestRow[]>`
    SELECT t.id AS tenant_id, r.at AS last_run_at, r.status AS last_run_status, b.at AS last_success_at,
           coalesce(d.damaged, 0) AS damaged
    FROM unnest(${tenantIds}::int[]) AS t(id)
    LEFT JOIN LATERAL (
      SELECT coalesce(finished_at, started_at, created_at) AS at, status::text AS status
      FROM backup_schedule_runs WHERE tenant_id = t.id AND trigger <> 'restore' ORDER BY id DESC LIMIT 1) r ON true
    LEFT JOIN (
      SELECT tenant_id, id FROM backup_schedules WHERE tenant_id = ANY(${tenantIds}::int[]) AND origin = 'restore'
    ) restores ON restores.tenant_id = t.id
    LEFT JOIN LATERAL (
      SELECT max(created_at) AS at FROM backup_sets
      -- What a restore reads is a part of the tenant, and no backup.
      WHERE tenant_id = t.id AND status = 'success' AND deleted_at IS NULL
        AND backup_schedule_id IS DISTINCT FROM restores.id) b ON true
    LEFT JOIN (
      SELECT tenant_id, count(*)::int AS damaged FROM backup_sets
      WHERE tenant_id = ANY(${tenantIds}::int[]) AND verify_result ->> 'status' = 'damaged' AND deleted_at IS NULL
      GROUP BY tenant_id) d ON d.tenant_id = t.id`;
  return { counts, latest };
}

/** The facts of some tenants, put together: one entry for each that states were read of. */
export function protectionFacts(
  tenants: readonly TenantStanding[],
  { counts, latest }: States,
  breached: readonly BreachedSchedule[],
  now: Date,
): Map<number, ProtectionFacts> {
  const breaches = Map.groupBy(breached, (each) => each.tenant_id);
  const countsOf = new Map(counts.map((row) => [row.tenant_id, row]));
  const archived = new Set(tenants.flatMap(({ id, is_archived }) => (is_archived ? id : [])));
  return new Map(
    latest.map((row) => {
      const count = countsOf.get(row.tenant_id);
      const broken = breaches.get(row.tenant_id) ?? [];
      const is_archived = archived.has(row.tenant_id);
      return [
        row.tenant_id,
        {
          is_archived,
          schedules: {
            total: count?.total ?? 0,
            enabled: count?.enabled ?? 0,
            paused: count?.paused ?? 0,
            failing: count?.failing ?? 0,
            incomplete: count?.incomplete ?? 0,
            in_breach: broken.length,
          },
          damaged_sets: row.damaged,
          last_run_at: row.last_run_at?.toISOString() ?? null,
          last_run_status: row.last_run_status,
          last_success_at: row.last_success_at?.toISOString() ?? null,
          next_run_at: is_archived ? null : (count?.next_run_at?.toISOString() ?? null),
          breaches: broken.slice(0, namedBreaches).map((schedule) => ({
            id: schedule.id,
            name: schedule.name,
            last_complete_at: schedule.last_complete_at?.toISOString() ?? null,
            missed: missedOccurrences(schedule, now),
          })),
        },
      ];
    }),
  );
}

/** The schedules in breach, oldest backup first. @param db bound to these tenants */
export async function readBreaches(
  db: Tx,
  tenants: readonly TenantStanding[],
  now: Date,
): Promise<BreachedSchedule[]> {
  const tenantIds = tenants.flatMap(({ id, is_archived }) => (is_archived ? [] : id));
  // With a complete set that is younger than the grace no schedule is in breach, whatever its rule. These are most of them. Of
  // what is left the database could tell few apart: that takes the clock of the schedule's zone.
  const young = new Date(now.getTime() - breachGraceMs);
  const candidates = await db.$queryRaw<CandidateRow[]>`
    SELECT name, timezone,
           concat_ws(' ', tenant_id, id, frequency, time_of_day, start_window_minutes, date_part('epoch', created_at),
                     coalesce(date_part('epoch', last_complete_at)::text, '-'),
                     array_to_string(days_of_week, ',')) AS words
    FROM backup_schedules
    WHERE tenant_id = ANY(${tenantIds}::int[]) AND deleted_at IS NULL AND (is_enabled OR paused_reason IS NOT NULL)
      AND created_at < ${young} AND (last_complete_at IS NULL OR last_complete_at < ${young})`;
  return candidates
    .map(promisedSchedule)
    .filter((schedule) => isInBreach(schedule, now))
    .sort((a, b) => lastComplete(a) - lastComplete(b) || a.id - b.id);
}

/**
 * Reads a schedule of which most is in one line of words: there may be thousands, and as ten columns each the client takes
 * longer to read them than the database to find them.
 */
function promisedSchedule({ name, timezone, words }: CandidateRow): BreachedSchedule {
  const [tenant, id, frequency, time_of_day = "", window, created, complete, days] = words.split(" ");
  return {
    tenant_id: Number(tenant),
    id: Number(id),
    name,
    timezone,
    frequency: frequency === "weekly" ? "weekly" : "daily",
    time_of_day,
    days_of_week: days ? days.split(",").map(Number) : [],
    start_window_minutes: Number(window),
    created_at: instant(created),
    last_complete_at: complete === "-" ? null : instant(complete),
  };
}

/** From seconds since 1970, exact to the millisecond. */
function instant(seconds: string | undefined): Date {
  return new Date(Math.round(Number(seconds) * 1000));
}

/** When the newest complete set was made; before all others when there is none. */
function lastComplete({ last_complete_at }: PromisedBackups): number {
  return last_complete_at?.getTime() ?? 0;
}

/** What was read of some tenants at once. */
export interface States {
  counts: CountRow[];
  latest: LatestRow[];
}

interface CountRow {
  tenant_id: number;
  total: number;
  enabled: number;
  paused: number;
  failing: number;
  incomplete: number;
  next_run_at: Date | null;
}

interface LatestRow {
  tenant_id: number;
  last_run_at: Date | null;
  last_run_status: RunStatus | null;
  last_success_at: Date | null;
  damaged: number;
}

/** `words`: tenant, id, frequency, time of day, window, creation, newest complete set or `-`, days of the week or none. */
interface CandidateRow {
  name: string;
  timezone: string;
  words: string;
}

/** A schedule with the tenant that it is of. */
export type BreachedSchedule = PromisedBackups & { tenant_id: number; name: string };
