-- Who reads everything, to back it up: `npm run backup`. The owner of the tables alone takes this role, for one read-only
-- transaction, so that no guard is lifted for it: pg_dump as the owner ends with an error, and with --enable-row-security makes
-- a dump without a single row. Neither web's nor worker's group gets it.
--
-- scripts/archive/tables.ts says of each table whether it is backed up, and why not; its test holds the grants and policies
-- below to that. A table that comes later gets the same two in its own migration.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tenantpilot_backup') THEN
    CREATE ROLE tenantpilot_backup NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT;
  END IF;
  -- INHERIT FALSE: connecting alone shows the owner nothing, as ever.
  GRANT tenantpilot_backup TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO tenantpilot_backup', current_schema());
END $$;

DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY[
    'tenants', 'users', 'user_preferences', 'external_identities', 'memberships', 'role_rules', 'invitations', 'api_tokens',
    'connections', 'backup_schedules', 'backup_schedule_runs', 'run_counts', 'snapshots', 'damaged_snapshots', 'rereadings',
    'backup_sets', 'backup_items', 'policy_changes', 'policy_change_looks', 'notifications', 'audit_log', 'audit_chain',
    'audit_chains', 'encryption_key_check'
  ] LOOP
    EXECUTE format('GRANT SELECT ON %I TO tenantpilot_backup', table_name);
    EXECUTE format('CREATE POLICY backup ON %I FOR SELECT TO tenantpilot_backup USING (true)', table_name);
  END LOOP;
END $$;
