import type pg from "pg";

/** How much a tenant's past holds. */
export interface TenantSize {
  schedules: number;
  /** Spread over the schedules: 1 in 100 never ran, and another ran twice as often. */
  runs: number;
}

/**
 * Fills a tenant as months of work leave it, by a few set-based statements: schedules of all kinds (3% more are deleted),
 * ended runs of every status with plausible summaries, five active ones, a backup set of each run that captured something,
 * snapshots, notifications of the failures to one person, and the audit log. Sets are rows without items, and snapshots
 * hold noise: lists look at neither. Triggers and foreign keys work as ever.
 * @param admin as the superuser, who passes row-level security by
 */
export async function fillTenant(
  admin: pg.Pool,
  tenant: { tenantId: number; userId: number } & TenantSize,
): Promise<void> {
  const { tenantId, userId, schedules, runs } = tenant;
  const client = await admin.connect();
  try {
    await client.query("BEGIN");
    // Runs name the sets that they made, and sets their runs: one of both comes first.
    await client.query(`${setOfRun} DEFERRABLE INITIALLY DEFERRED`);
    await client.query(insertSchedules, [tenantId, schedules]);
    await client.query(makeTemplates);
    await client.query(planRuns, [tenantId, schedules, Math.round(runs / schedules)]);
    await client.query(insertRuns, [tenantId, userId]);
    await client.query(insertSets, [tenantId]);
    await client.query("SET CONSTRAINTS ALL IMMEDIATE");
    await client.query(`${setOfRun} NOT DEFERRABLE`);
    for (const table of ["backup_schedule_runs", "backup_sets"]) {
      await client.query(
        `SELECT setval(pg_get_serial_sequence('${table}', 'id'), greatest((SELECT max(id) FROM ${table}), 1))`,
      );
    }
    await client.query(recordOnSchedules, [tenantId]);
    await client.query(insertSnapshots, [tenantId, Math.round(runs / 10)]);
    await client.query(insertAuditLog, [tenantId, userId]);
    await client.query(insertNotifications, [tenantId, userId]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

const setOfRun =
  'ALTER TABLE backup_schedule_runs ALTER CONSTRAINT "backup_schedule_runs_tenant_id_backup_set_id_fkey"';

/**
 * Every thirteenth is disabled, two of three are daily, all at night on their own clock, as people choose. Next runs are
 * what the rules say, but for the coming three hours: nothing comes due while a bench runs.
 */
const insertSchedules = `
  INSERT INTO backup_schedules (tenant_id, name, is_enabled, timezone, frequency, time_of_day, days_of_week, policy_types,
                                retention_keep_last, next_run_at, created_at, updated_at, deleted_at)
  SELECT $1, what || ' ' || place || ' ' || lpad(n::text, 5, '0'), runs, zone, frequency::frequency,
         to_char(wall, 'HH24:MI:00'), CASE frequency WHEN 'weekly' THEN '{1,3,5}'::smallint[] ELSE '{}' END,
         CASE n % 4 WHEN 0 THEN '{deviceConfiguration,settingsCatalogPolicy,deviceCompliancePolicy}'::text[]
                    WHEN 1 THEN '{conditionalAccessPolicy,namedLocation,authenticationStrengthPolicy}'
                    ELSE '{settingsCatalogPolicy,endpointSecurityPolicy,windowsUpdateRing,appProtectionPolicy}' END,
         30,
         CASE WHEN runs THEN (
           SELECT min(at) FROM generate_series(0, 8) day,
             LATERAL (SELECT (now() AT TIME ZONE zone)::date + day AS date) d, LATERAL (SELECT (date + wall) AT TIME ZONE zone AS at) i
           WHERE at > now() + interval '3 hours' AND (frequency = 'daily' OR extract(isodow FROM date) IN (1, 3, 5))) END,
         now() - interval '200 days', now() - interval '200 days' + interval '1 min' * n,
         CASE WHEN n >= $2 THEN now() - interval '9 days' END
  FROM generate_series(0, $2::int + $2::int * 3 / 100 - 1) n,
       LATERAL (SELECT ('{Nightly,Compliance,"Conditional access",Endpoints,Apps,Baseline,Updates,Everything}'::text[])[1 + n % 8] AS what,
                       ('{Berlin,London,"New York",Singapore,Sydney,Warsaw,Toronto,Madrid,Oslo,Tokyo,Mumbai}'::text[])[1 + n % 11] AS place,
                       ('{Europe/Berlin,Europe/London,America/New_York,Asia/Singapore,Australia/Sydney,Europe/Warsaw,America/Toronto,Europe/Madrid,Europe/Oslo,Asia/Tokyo,Asia/Kolkata}'::text[])[1 + n % 11] AS zone,
                       CASE WHEN n % 3 = 0 THEN 'weekly' ELSE 'daily' END AS frequency,
                       time '20:00' + interval '15 min' * (n % 40) AS wall,
                       NOT (n % 13 = 0 OR n >= $2) AS runs) kind`;

/** Summaries to choose from: of twelve policy types each, as execution writes them. */
const makeTemplates = `
  CREATE TEMP TABLE template ON COMMIT DROP AS
  SELECT n, jsonb_build_object(
           'trigger', 'schedule', 'attempts', 1, 'missed_occurrences', 0, 'duration_ms', 8000 + n * 137,
           'types', (SELECT jsonb_object_agg(key, jsonb_build_object('kind', 'policy', 'expected', 5 + (n * i) % 40,
                       'captured', 5 + (n * i) % 40, 'gone', 0, 'failed', 0, 'skipped', false, 'listed', true,
                       'error_code', null, 'error_message', null, 'request_id', null, 'missing', '[]'::jsonb))
                     FROM unnest('{deviceConfiguration,settingsCatalogPolicy,groupPolicyConfiguration,deviceCompliancePolicy,
                       endpointSecurityPolicy,windowsUpdateRing,deviceManagementScript,appProtectionPolicy,mobileApp,
                       conditionalAccessPolicy,namedLocation,authenticationStrengthPolicy}'::text[]) WITH ORDINALITY AS t(key, i)),
           'foundations', jsonb_build_object('roleScopeTag', jsonb_build_object('kind', 'foundation', 'expected', 4,
                       'captured', 4, 'gone', 0, 'failed', 0, 'skipped', false, 'listed', true, 'error_code', null,
                       'error_message', null, 'request_id', null, 'missing', '[]'::jsonb)),
           'bytes', jsonb_build_object('logical', 2000000 + n * 10000, 'stored', 300000 + n * 1500, 'added', n * 100),
           'changes', jsonb_build_object('added', n % 3, 'changed', n % 5, 'removed', n % 2, 'unchanged', 200 + n)) AS summary
  FROM generate_series(0, 49) n`;

/** Ids are given in the order of time, as the dispatcher would have given them. */
const planRuns = `
  CREATE TEMP TABLE planned_run ON COMMIT DROP AS
  WITH schedule AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM backup_schedules WHERE tenant_id = $1 AND deleted_at IS NULL
  ), occurrence AS (
    SELECT s.id AS schedule_id, s.n, k,
           date_trunc('minute', now()) - interval '1 day' * (k - 1) - interval '1 min' * (30 + s.n * 7919 % 1380) AS scheduled_for,
           (s.n * 31 + k * 17 + s.n * k) % 1000 AS chance
    FROM schedule s, generate_series(1, CASE s.n % 100 WHEN 0 THEN 0 WHEN 1 THEN 2 * $3::int ELSE $3::int END) k
  ), ended AS (
    SELECT *, CASE WHEN k = 1 AND n % ($2::int / 5 + 1) = 3 THEN 'running' WHEN chance < 50 THEN 'failed' WHEN chance < 90 THEN 'partial'
                   WHEN chance < 110 THEN 'skipped' WHEN chance < 118 THEN 'canceled' ELSE 'success' END::run_status AS status
    FROM occurrence
  ), numbered AS (
    SELECT *, status IN ('success', 'partial') AS has_set,
           row_number() OVER (ORDER BY scheduled_for, schedule_id) + coalesce((SELECT max(id) FROM backup_schedule_runs), 0) AS run_id
    FROM ended
  )
  SELECT *, CASE WHEN has_set THEN row_number() OVER (PARTITION BY has_set ORDER BY run_id)
                                     + coalesce((SELECT max(id) FROM backup_sets), 0) END AS set_id
  FROM numbered ORDER BY run_id`;

const insertRuns = `
  INSERT INTO backup_schedule_runs (id, tenant_id, backup_schedule_id, scheduled_for, trigger, status, requested_by, attempt,
                                    heartbeat_at, progress, started_at, finished_at, summary, error_code, error_message,
                                    backup_set_id, created_at)
  SELECT run_id, $1, schedule_id, scheduled_for, (CASE WHEN chance % 40 = 0 THEN 'manual' ELSE 'schedule' END)::run_trigger,
         status, CASE WHEN chance % 40 = 0 THEN $2::int END, 1,
         CASE WHEN status = 'running' THEN now() END,
         CASE WHEN status = 'running' THEN
           '{"types": {"deviceConfiguration": {"kind": "policy", "expected": 40, "captured": 17, "failed": 0, "done": false}}}'::jsonb END,
         CASE WHEN status <> 'skipped' THEN scheduled_for + interval '2 s' END,
         CASE WHEN status <> 'running' THEN scheduled_for + interval '14 s' + interval '1 s' * (chance % 50) END,
         CASE WHEN status = 'running' THEN '{}' ELSE t.summary END,
         CASE status WHEN 'failed' THEN 'TOKEN_EXPIRED' WHEN 'partial' THEN 'INCOMPLETE_CAPTURE'
                     WHEN 'skipped' THEN 'CONCURRENT_RUN' WHEN 'canceled' THEN 'CANCELED' END,
         CASE status WHEN 'failed' THEN 'The client secret has expired. Enter a new one under Connection.'
                     WHEN 'partial' THEN '3 of 214 policies could not be read.' END,
         set_id, scheduled_for
  FROM planned_run r JOIN template t ON t.n = r.run_id % 50 ORDER BY run_id`;

/** One in fifty lies in the bin, one in five hundred is pinned, one in three was verified. */
const insertSets = `
  INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored, manifest,
                           manifest_sha256, created_at, pinned_at, deleted_at, verified_at, verify_result)
  SELECT set_id, $1, schedule_id, run_id, status, 200 + chance % 50, 2000000 + chance * 500, 300000 + chance * 75,
         jsonb_build_object('types', t.summary -> 'types'), encode(sha256(convert_to(set_id::text, 'UTF8')), 'hex'),
         scheduled_for + interval '20 s',
         CASE WHEN set_id % 500 = 0 THEN now() - interval '1 day' END,
         CASE WHEN set_id % 50 = 1 AND k > 3 THEN now() - interval '1 hour' * (set_id % 160) END,
         CASE WHEN set_id % 3 = 0 THEN now() - interval '1 hour' * (set_id % 160) END,
         CASE WHEN set_id % 3 = 0 THEN '{"status": "ok"}'::jsonb END
  FROM planned_run r JOIN template t ON t.n = r.run_id % 50 WHERE set_id IS NOT NULL ORDER BY set_id`;

const recordOnSchedules = `
  UPDATE backup_schedules s SET last_run_at = last.scheduled_for + interval '2 s', last_run_status = last.status
  FROM (SELECT DISTINCT ON (schedule_id) schedule_id, scheduled_for, status FROM planned_run WHERE status <> 'running'
        ORDER BY schedule_id, run_id DESC) last
  WHERE last.schedule_id = s.id AND s.tenant_id = $1`;

/** Spread over the weeks that the runs took, as stored by one run in ten. */
const insertSnapshots = `
  INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored, created_at)
  SELECT $1, encode(sha256(convert_to($1::int || ' ' || n, 'UTF8')), 'hex'), 'zstd',
         (SELECT string_agg(sha256(convert_to(n || ' ' || i, 'UTF8')), '') FROM generate_series(1, 20) i),
         3000 + n % 4000, 640, now() - interval '20 days' * (n::float / $2)
  FROM generate_series(1, $2::int) n`;

/** The beginnings, the end of every run, and what people did now and then. */
const insertAuditLog = `
  INSERT INTO audit_log (tenant_id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, details)
  SELECT $1, at, actor_kind, CASE actor_kind WHEN 'user' THEN $2::int END,
         CASE actor_kind WHEN 'user' THEN 'Owner' ELSE 'worker' END, action, target_kind, target_id, details
  FROM (
    SELECT created_at AS at, 'user' AS actor_kind, 'schedule.created' AS action, 'schedule' AS target_kind, id AS target_id,
           jsonb_build_object('name', name, 'timezone', timezone, 'frequency', frequency, 'time_of_day', time_of_day) AS details
    FROM backup_schedules WHERE tenant_id = $1
    UNION ALL
    SELECT scheduled_for + interval '30 s', 'system', 'run.' || CASE status WHEN 'success' THEN 'succeeded' ELSE status::text END,
           'run', run_id, jsonb_build_object('schedule_id', schedule_id, 'backup_set_id', set_id, 'items', 214, 'attempts', 1,
             'schedule_name', 'Nightly Berlin', 'error_code', null)
    FROM planned_run WHERE status <> 'running'
    UNION ALL
    SELECT now() - interval '1 day' * n, 'user', action, kind, n, '{"from": "operator", "to": "manager"}'
    FROM (VALUES ('member.role_changed', 'user', 3), ('connection.saved', 'connection', 2), ('token.created', 'token', 5),
                 ('set.pinned', 'set', 40), ('schedule.updated', 'schedule', 150)) a(action, kind, times),
         generate_series(1, times) n
  ) entry ORDER BY at`;

const insertNotifications = `
  INSERT INTO notifications (tenant_id, user_id, kind, title, body, link, data, created_at, read_at)
  SELECT $1::int, $2, 'run.' || status, CASE status WHEN 'failed' THEN 'Backup failed' ELSE 'Backup incomplete' END,
         'The client secret has expired. Enter a new one under Connection.', '/tenants/' || $1::int || '/runs/' || run_id,
         jsonb_build_object('run_id', run_id, 'schedule_id', schedule_id), scheduled_for + interval '30 s',
         CASE WHEN scheduled_for < now() - interval '6 hours' THEN scheduled_for + interval '5 hours' END
  FROM planned_run WHERE status IN ('failed', 'partial') ORDER BY run_id`;
