/** Backups as versions before the migration "item_ranges" kept them: a row for each item and set. */

export const schedules = 3;
export const sets = 6;
/**
 * The third set could read nothing of every fifth policy; every seventh changes its content with every second set, every
 * eleventh its name, every thirteenth its volatile fields; every ninth is gone in the end.
 */
export const oldBackups = `
  INSERT INTO tenants (id, name) VALUES (1, 'One'), (2, 'Two');
  INSERT INTO backup_schedules (id, tenant_id, name, timezone, frequency, time_of_day)
    SELECT n, 1 + n % 2, 'Nightly ' || n, 'UTC', 'daily', '02:00:00' FROM generate_series(1, ${schedules}) n;
  CREATE TEMPORARY TABLE made AS
    SELECT set_id, schedule, 1 + schedule % 2 AS tenant, i AS item,
           encode(sha256((schedule || ' ' || i || CASE WHEN i % 7 = 0 THEN turn / 2 ELSE 0 END)::bytea), 'hex') AS sha256,
           'Policy ' || i || CASE WHEN i % 11 = 0 THEN turn / 3 ELSE 0 END AS name,
           jsonb_build_object('at', CASE WHEN i % 13 = 0 THEN turn ELSE 0 END) AS volatile
    FROM generate_series(1, ${schedules}) schedule, generate_series(1, ${sets}) turn, generate_series(1, 40) i,
         LATERAL (SELECT schedule + turn * ${schedules} AS set_id) s
    WHERE NOT (turn = 3 AND i % 5 = 0) AND NOT (turn = ${sets} AND i % 9 = 0);
  INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
    SELECT DISTINCT tenant, sha256, 'zstd', ''::bytea, 0, 0 FROM made;
  INSERT INTO backup_schedule_runs (id, tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
    SELECT DISTINCT set_id, tenant, schedule, now() + set_id * interval '1 day', 'schedule'::run_trigger, 'success'::run_status, now()
    FROM made;
  INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored, manifest,
                           manifest_sha256)
    SELECT set_id, tenant, schedule, set_id, 'success', count(*), 0, 0, '{}',
           encode(sha256(convert_to(string_agg('deviceConfiguration' || E'\\t' || item || E'\\t' || sha256, E'\\n'
             ORDER BY item::text COLLATE "C"), 'UTF8')), 'hex')
    FROM made GROUP BY set_id, tenant, schedule;
  INSERT INTO backup_items (tenant_id, backup_set_id, kind, policy_type, graph_id, display_name, sha256, volatile)
    SELECT tenant, set_id, 'policy', 'deviceConfiguration', item::text, name, sha256, volatile FROM made ORDER BY set_id, item;`;
