import { z } from "zod";
import { operation } from "#lib/operation";
import { occurrencesBetween } from "#lib/recurrence/recurrence";
import { runsDueBetween, startOffsetMinutes, type Timing } from "#lib/schedules/timing";
import { id, instant } from "#lib/view-fields";
import { zoneField } from "./days.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const quarter = hour / 4;
/** How far a look ahead reaches, and how much of it falls into one entry. */
const ranges = { day: { hours: 24, stepHours: 1 }, week: { hours: 7 * 24, stepHours: 6 } } as const;
const namedSchedules = 5;

export const upcomingRangeSchema = z.enum(["day", "week"]).default("day");

const upcomingRunsView = z.strictObject({
  timezone: z.string(),
  total: z.int(),
  overdue: z
    .int()
    .meta({ description: "Due already, and not dispatched yet; they are counted in the first entry" }),
  slots: z
    .array(
      z.strictObject({
        from: instant,
        to: instant,
        runs: z.int(),
        schedules: z
          .array(z.strictObject({ id, name: z.string(), at: instant }))
          .max(namedSchedules)
          .meta({ description: `The first of them, at most ${namedSchedules}` }),
      }),
    )
    .meta({
      description: "A day by the hour, or a week by quarters of the zone's day; without gaps",
    }),
});

/** When runs are due, clustered. */
export type UpcomingRuns = z.infer<typeof upcomingRunsView>;

/**
 * When the tenant's schedules are due in the coming 24 hours or seven days: never in an archived tenant.
 * @param timezone IANA zone whose hours the entries follow; default UTC
 */
export const getUpcomingRuns = operation({
  name: "tenant.upcoming_runs",
  permission: "schedule:view",
  effect: "read",
  input: z.strictObject({ timezone: zoneField, range: upcomingRangeSchema }),
  output: upcomingRunsView,
  async run({ db, tenant, now }, { timezone, range }) {
    const borders = bordersOf(timezone, now, range);
    const end = new Date(Math.floor((now.getTime() + ranges[range].hours * hour) / quarter) * quarter);
    // Schedules of one zone and frequency whose wall-clock times, and whose next due times, lie in the same quarter of
    // an hour stay together for ever: offsets and clock changes of all zones are multiples of it. So one of them is
    // computed for all, and `end` parts none. They are sorted to be grouped: what differs most, and compares fastest,
    // comes first.
    const clusters = await db.$queryRaw<Cluster[]>`
      WITH due AS (
        SELECT id, name, timezone, frequency, days_of_week, time_of_day, start_window_minutes, next_run_at,
               CASE WHEN carried_nominal_at IS NOT NULL THEN greatest(carried_nominal_at, carried_since) END AS since,
               left(time_of_day, 3) || substr(time_of_day, 4, 2)::int / 15 AS wall_clock_quarter,
               date_bin('15 min', next_run_at, 'epoch') AS due_quarter
        FROM backup_schedules WHERE deleted_at IS NULL AND next_run_at < ${end} AND NOT ${tenant.is_archived}::boolean
      )
      SELECT timezone, frequency::text AS frequency, days_of_week, since, count(*)::int AS schedules,
             (count(*) FILTER (WHERE next_run_at <= ${now}))::int AS overdue,
             (array_agg(time_of_day ORDER BY next_run_at, id))[1] AS time_of_day,
             (array_agg(start_window_minutes ORDER BY next_run_at, id))[1] AS start_window_minutes,
             (array_agg(id ORDER BY next_run_at, id))[:${namedSchedules}::int] AS ids,
             (array_agg(name ORDER BY next_run_at, id))[:${namedSchedules}::int] AS names,
             (array_agg(next_run_at ORDER BY next_run_at, id))[:${namedSchedules}::int] AS due
      FROM due GROUP BY due_quarter, wall_clock_quarter, timezone, frequency, days_of_week, since`;
    const slots: UpcomingRuns["slots"] = borders.slice(0, -1).map((from, index) => ({
      from: from.toISOString(),
      to: (borders[index + 1] ?? end).toISOString(),
      runs: 0,
      schedules: [],
    }));
    let total = 0;
    for (const { at, cluster } of occurrencesOf(clusters, now, end)) {
      const slot = slots[slotAt(borders, at)];
      if (!slot) continue;
      slot.runs += cluster.schedules;
      total += cluster.schedules;
      for (const [index, schedule] of cluster.ids.entries()) {
        const later = (cluster.due[index]?.getTime() ?? 0) - (cluster.due[0]?.getTime() ?? 0);
        const name = cluster.names[index] ?? "";
        slot.schedules.push({ id: schedule, name, at: new Date(at + later).toISOString() });
      }
    }
    for (const slot of slots) {
      slot.schedules
        .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id))
        .splice(namedSchedules);
    }
    const overdue = clusters.reduce((sum, cluster) => sum + cluster.overdue, 0);
    return { timezone, total, overdue, slots };
  },
});

/** All occurrences of the clusters' first schedules before `end`. */
function occurrencesOf(
  clusters: readonly Cluster[],
  now: Date,
  end: Date,
): { at: number; cluster: Cluster }[] {
  return clusters.flatMap((cluster) =>
    [...cluster.due.slice(0, 1), ...later(cluster, now, end)].map((at) => ({ at: at.getTime(), cluster })),
  );
}

function later(cluster: Cluster, now: Date, end: Date): Date[] {
  const { ids, due, since, start_window_minutes } = cluster;
  if (ids[0] === undefined || due[0] === undefined) return [];
  const offset = startOffsetMinutes(ids[0], start_window_minutes) * minute;
  const first = since ? since.getTime() + offset : due[0].getTime();
  // However long they have been due, dispatch goes on from now. From the quarter's beginning on: `now` would part a cluster.
  const begun = Math.floor(now.getTime() / quarter) * quarter - 1;
  try {
    return runsDueBetween(ids[0], cluster, new Date(Math.max(first, begun)), end).filter((at) => at < end);
  } catch (error) {
    // A rule that this runtime does not understand: what is stored is all there is to say.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/**
 * The borders of the entries, on the zone's clock: from the one that holds `now` up to the first at or after the end.
 * An hour that a clock change repeats makes one long entry, one that it skips makes none.
 */
function bordersOf(zone: string, now: Date, range: keyof typeof ranges): Date[] {
  const { hours, stepHours } = ranges[range];
  const end = now.getTime() + hours * hour;
  const around = [new Date(now.getTime() - 2 * day), new Date(end + 2 * day)] as const;
  const marks = new Set<number>();
  for (let mark = 0; mark < 24; mark += stepHours) {
    const timeOfDay = `${String(mark).padStart(2, "0")}:00`;
    const rule = { timezone: zone, frequency: "daily", timeOfDay, daysOfWeek: null } as const;
    for (const at of occurrencesBetween(rule, ...around)) marks.add(at.getTime());
  }
  const sorted = [...marks].sort((a, b) => a - b);
  const first = sorted.findLastIndex((mark) => mark <= now.getTime());
  const last = sorted.findIndex((mark) => mark >= end);
  return sorted.slice(first, last + 1).map((mark) => new Date(mark));
}

/** The entry that holds an instant; what is overdue counts in the first. */
function slotAt(borders: readonly Date[], at: number): number {
  return Math.max(
    0,
    borders.findLastIndex((border) => border.getTime() <= at),
  );
}

/** Schedules that are due together, earliest first; `ids`, `names` and `due` hold the first few of them. */
interface Cluster extends Timing {
  /** After when the rule of today gives occurrences, where the next was carried over an edit of it. */
  since: Date | null;
  schedules: number;
  overdue: number;
  ids: number[];
  names: string[];
  due: Date[];
}
