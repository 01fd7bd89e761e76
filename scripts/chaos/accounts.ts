import type pg from "pg";
import { type Accounts, accountFor, occurrencesOf, overtakenEdits, type RuleSince } from "./occurrences.ts";
import type { Deeds } from "./people.ts";

/** The state of an installation, held against what should have been. */
export interface Findings {
  occurrences: Accounts & { run: number; skipped: Record<string, number> };
  /** Of all runs, by trigger: how they ended. */
  ends: Record<string, number>;
  /** What must all be zero. */
  faults: Record<string, number>;
  /** Nothing is under way, and everything that was due has been dispatched. */
  settled: boolean;
}

interface RunRow {
  schedule: number;
  nominal: Date | null;
  trigger: string;
  status: string;
  error_code: string | null;
  missed: number;
}

/**
 * Takes stock, in one snapshot of the database.
 * @param until milliseconds: the last instant whose occurrences count
 */
export async function takeStock(admin: pg.Pool, deeds: Deeds, until: number): Promise<Findings> {
  const client = await admin.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const findings = await within(client, deeds, until);
    await client.query("COMMIT");
    client.release();
    return findings;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function within(client: pg.PoolClient, deeds: Deeds, until: number): Promise<Findings> {
  const rules = await rulesOf(client);
  const { rows: runs } = await client.query<RunRow>(
    `SELECT backup_schedule_id AS schedule, nominal_at AS nominal, trigger::text, status::text, error_code,
            missed_occurrences AS missed
     FROM backup_schedule_runs ORDER BY backup_schedule_id, nominal_at, id`,
  );
  const { rows } = await client.query<{ now: Date }>("SELECT now()");
  const now = rows[0]?.now.getTime() ?? 0;
  const occurrences = { expected: 0, merged: 0, lost: 0, double: 0, invented: 0, run: 0, skipped: {} };
  for (const [schedule, history] of rules) {
    const dispatched = runs.flatMap(({ schedule: of, trigger, nominal, missed }) =>
      of === schedule && trigger === "schedule" && nominal ? { nominal: nominal.getTime(), missed } : [],
    );
    const overtaken = overtakenEdits(history);
    const extra = dispatched.flatMap(({ nominal }) => (overtaken.has(nominal) ? nominal : []));
    const due = [...new Set([...occurrencesOf(history, now), ...extra])].sort((a, b) => a - b);
    const accounts = accountFor(due, dispatched, (nominal) => nominal <= until);
    for (const [name, count] of Object.entries(accounts)) occurrences[name as keyof Accounts] += count;
  }
  const skipped: Record<string, number> = {};
  const ends: Record<string, number> = {};
  for (const { trigger, status, error_code } of runs) {
    if (trigger === "schedule" && status === "skipped") add(skipped, error_code ?? "no reason");
    if (trigger === "schedule" && status !== "skipped") occurrences.run += 1;
    if (status !== "skipped") add(ends, error_code ? `${status} ${error_code}` : status);
  }
  const faults = await faultsOf(client, deeds);
  return {
    occurrences: { ...occurrences, skipped },
    ends,
    faults: {
      "occurrences lost": occurrences.lost,
      "occurrences double": occurrences.double,
      "occurrences at no time of their schedule": occurrences.invented,
      ...faults,
    },
    settled:
      occurrences.lost === 0 &&
      faults["runs still running"] === 0 &&
      faults["jobs without an active run"] === 0,
  };
}

function add(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

/** The rules of each schedule, by when they came into force, as the audit log has them. */
async function rulesOf(client: pg.PoolClient): Promise<Map<number, RuleSince[]>> {
  const { rows } = await client.query<{ schedule: number; action: string; at: Date; details: Details }>(
    `SELECT target_id AS schedule, action, at, details FROM audit_log
     WHERE action IN ('schedule.created', 'schedule.updated') ORDER BY target_id, at, id`,
  );
  const rules = new Map<number, RuleSince[]>();
  for (const { schedule, action, at, details } of rows) {
    const known = rules.get(schedule) ?? [];
    const before = known.at(-1);
    const told = action === "schedule.created" ? details : news(details);
    const rule = {
      since: at.getTime(),
      timezone: told.timezone ?? before?.timezone ?? "",
      time_of_day: told.time_of_day ?? before?.time_of_day ?? "",
      days: told.days_of_week === undefined ? (before?.days ?? null) : daysOf(told.days_of_week),
    };
    const same =
      before &&
      ["timezone", "time_of_day", "days"].every((field) => text(before, field) === text(rule, field));
    if (!same) known.push(rule);
    rules.set(schedule, known);
  }
  return rules;
}

type Details = { timezone?: string; time_of_day?: string; days_of_week?: number[] | null };

const text = (rule: RuleSince, field: string) => String(rule[field as keyof RuleSince]);

/** Daily schedules have none. */
const daysOf = (days: number[] | null) => (days && days.length > 0 ? days : null);

/** Of `{ field: { from, to } }` what it is now. */
function news(details: object): Details {
  return Object.fromEntries(
    Object.entries(details).map(([field, change]: [string, { to?: unknown }]) => [field, change.to]),
  );
}

async function faultsOf(client: pg.PoolClient, deeds: Deeds): Promise<Record<string, number>> {
  const { rows } = await client.query<Record<string, number>>(
    `SELECT
      (SELECT count(*)::int FROM backup_schedule_runs WHERE status = 'running') AS "runs still running",
      (SELECT count(*)::int FROM backup_schedule_runs r WHERE r.status = 'running' AND NOT EXISTS (
         SELECT FROM pgboss.job j WHERE j.name = 'execute-run' AND j.id = r.job_id
           AND j.state IN ('created', 'retry', 'active'))) AS "running without a live job",
      (SELECT count(*)::int FROM pgboss.job j
         WHERE j.name = 'execute-run' AND j.state IN ('created', 'retry', 'active') AND NOT EXISTS (
           SELECT FROM backup_schedule_runs r WHERE r.id = (j.data->>'run_id')::int AND r.status = 'running'))
         AS "jobs without an active run",
      (SELECT count(*)::int FROM backup_schedule_runs r WHERE r.status IN ('success', 'partial') AND NOT EXISTS (
         SELECT FROM backup_sets s WHERE s.id = r.backup_set_id AND s.run_id = r.id)) AS "good runs without their set",
      (SELECT count(*)::int FROM backup_sets s WHERE NOT EXISTS (
         SELECT FROM backup_schedule_runs r WHERE r.id = s.run_id AND r.backup_set_id = s.id
           AND r.status IN ('success', 'partial'))) AS "sets without a good run",
      (SELECT count(*)::int FROM (SELECT FROM backup_sets GROUP BY run_id HAVING count(*) > 1) d) AS "runs with two sets",
      (SELECT count(*)::int FROM backup_schedules s WHERE s.last_complete_at IS DISTINCT FROM (
         SELECT max(b.created_at) FROM backup_sets b
         WHERE b.backup_schedule_id = s.id AND b.status = 'success' AND b.deleted_at IS NULL))
         AS "schedules that know another newest complete set than they have",
      (SELECT count(*)::int FROM backup_schedule_runs WHERE error_code = 'UNKNOWN') AS "runs ended for no known reason",
      -- Runs begin, end and are skipped under the lock of their schedule's row.
      (SELECT count(*)::int FROM backup_schedule_runs k WHERE k.error_code = 'CONCURRENT_RUN' AND NOT EXISTS (
         SELECT FROM backup_schedule_runs r
         WHERE r.backup_schedule_id = k.backup_schedule_id AND r.id <> k.id AND r.status <> 'skipped'
           AND r.created_at <= k.finished_at
           AND coalesce(r.finished_at, 'infinity') >= k.finished_at - interval '1 ms')) AS "skipped for no active run",
      -- A run is created as of the begin of a transaction, which may have waited for the end of the one before.
      (SELECT count(*)::int FROM (
         SELECT FROM backup_schedule_runs a JOIN backup_schedule_runs b
           ON a.backup_schedule_id = b.backup_schedule_id AND a.id < b.id
          AND a.status <> 'skipped' AND b.status <> 'skipped'
          AND b.started_at < coalesce(a.finished_at, 'infinity') AND a.started_at < coalesce(b.finished_at, 'infinity')) o) AS "runs of a schedule at once",
      (SELECT count(*)::int FROM staged_items i JOIN backup_schedule_runs r ON r.id = i.run_id WHERE r.status <> 'running')
        + (SELECT count(*)::int FROM staged_seen i JOIN backup_schedule_runs r ON r.id = i.run_id WHERE r.status <> 'running')
        AS "staged rows left over",
      (SELECT count(*)::int FROM item_ranges a JOIN item_ranges b
         ON a.backup_schedule_id = b.backup_schedule_id AND a.policy_type = b.policy_type AND a.graph_id = b.graph_id
        AND a.id < b.id AND a.from_set_id < b.until_set_id AND b.from_set_id < a.until_set_id)
        + (SELECT count(*)::int FROM item_ranges WHERE from_set_id >= until_set_id) AS "ranges of items that overlap",
      (SELECT count(*)::int FROM backup_schedule_runs r, jsonb_array_elements(r.attempt_log) AS tried
         WHERE tried->>'reason' ~ '^(The database|The worker was stopped)' AND (tried->>'counted')::boolean)
         AS "attempts spent on the database or a deploy",
      (SELECT count(*)::int FROM unnest($1::int[]) AS promised(id) WHERE NOT EXISTS (
         SELECT FROM backup_schedule_runs r WHERE r.id = promised.id)) AS "runs promised and not there",
      (SELECT count(*)::int FROM unnest($2::int[], $3::int[]) AS promised(id, version)
         JOIN backup_schedules s ON s.id = promised.id WHERE s.version < promised.version) AS "edits promised and not there",
      (SELECT count(*)::int FROM backup_schedules WHERE is_enabled AND next_run_at IS NULL) AS "schedules never due again"`,
    [[...deeds.promisedRuns], [...deeds.promisedVersions.keys()], [...deeds.promisedVersions.values()]],
  );
  return rows[0] ?? {};
}
