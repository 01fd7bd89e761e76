-- Tenants are archived, and deleted for good.

ALTER TABLE "tenants"
  ADD COLUMN "archived_at" TIMESTAMPTZ(3),
  ADD COLUMN "deleted_at" TIMESTAMPTZ(3);
ALTER TABLE tenants ADD CONSTRAINT archived_before_deleted CHECK (deleted_at IS NULL OR archived_at IS NOT NULL);

GRANT UPDATE (name, archived_at, deleted_at) ON tenants TO tenantpilot_identity;

-- A tenant that is being deleted does not come back: a part of it may be gone.
CREATE FUNCTION refuse_undeletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'tenant % is being deleted', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER deleted_for_good BEFORE UPDATE ON tenants FOR EACH ROW
  WHEN (OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)
  EXECUTE FUNCTION refuse_undeletion();

-- Who erases. No process takes this role: the function below acts as it, and on tenants alone that are being deleted.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tenantpilot_eraser') THEN
    CREATE ROLE tenantpilot_eraser NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT;
  END IF;
  GRANT tenantpilot_eraser TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO tenantpilot_eraser', current_schema());
END $$;

DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY[
    'memberships', 'invitations', 'api_tokens', 'connections', 'notifications', 'idempotency_keys', 'staged_items',
    'policy_changes', 'policy_change_looks', 'rereadings', 'damaged_snapshots', 'backup_items', 'backup_sets', 'snapshots',
    'backup_schedule_runs', 'backup_schedules', 'run_counts', 'audit_log'
  ] LOOP
    EXECUTE format('GRANT SELECT, DELETE ON %I TO tenantpilot_eraser', table_name);
    EXECUTE format(
      'CREATE POLICY erase ON %I TO tenantpilot_eraser
         USING (EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id AND t.deleted_at IS NOT NULL))', table_name);
  END LOOP;
  FOREACH table_name IN ARRAY ARRAY['audit_chain', 'audit_chains'] LOOP
    EXECUTE format('GRANT SELECT, DELETE ON %I TO tenantpilot_eraser', table_name);
    EXECUTE format(
      'CREATE POLICY erase ON %I TO tenantpilot_eraser
         USING (EXISTS (SELECT FROM tenants t WHERE t.id = chain AND t.deleted_at IS NOT NULL))', table_name);
  END LOOP;
END $$;
GRANT SELECT, DELETE ON tenants TO tenantpilot_eraser;
CREATE POLICY erase ON tenants TO tenantpilot_eraser USING (deleted_at IS NOT NULL);
-- A run lets go of its set, which lies before it; and takes back what it counted.
GRANT UPDATE (backup_set_id) ON backup_schedule_runs TO tenantpilot_eraser;
GRANT INSERT ON run_counts TO tenantpilot_eraser;
GRANT USAGE ON SEQUENCE run_counts_id_seq TO tenantpilot_eraser;
GRANT SELECT, DELETE ON security_windows TO tenantpilot_eraser;
CREATE POLICY erase ON security_windows TO tenantpilot_eraser
  USING (EXISTS (SELECT FROM tenants t WHERE t.deleted_at IS NOT NULL AND about -> 'in' ->> 'tenant' = t.id::text));

CREATE OR REPLACE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND (
       TG_TABLE_NAME IN ('audit_log', 'audit_chain') AND current_user = 'tenantpilot_chain'
       OR TG_TABLE_NAME NOT IN ('audit_log', 'audit_chain', 'audit_chains') AND current_user = 'tenantpilot_retention'
       -- Row-level security shows it nothing but tenants that are being deleted.
       OR current_user = 'tenantpilot_eraser') THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is kept: % refused outside retention', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

-- Removes a part of a tenant that is being deleted: `most` rows at once of what there can be many of. What lets people in goes
-- first and whole.
-- Returns how many rows were removed; null while a run is still going on. When it returns 0, the tenant is gone.
CREATE FUNCTION erase_tenant(tenant integer, most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  -- Each before what it refers to. Runs and sets refer to each other: see below.
  dependents CONSTANT text[] := ARRAY['notifications', 'idempotency_keys', 'staged_items', 'policy_changes',
    'policy_change_looks', 'rereadings', 'damaged_snapshots', 'backup_items'];
  rest CONSTANT text[] := ARRAY['backup_sets', 'snapshots', 'backup_schedule_runs', 'run_counts', 'backup_schedules'];
  table_name text;
  removed integer;
BEGIN
  PERFORM FROM tenants WHERE id = tenant AND deleted_at IS NOT NULL;
  IF NOT FOUND THEN RETURN 0; END IF;
  IF EXISTS (SELECT FROM backup_schedule_runs WHERE tenant_id = tenant AND status = 'running') THEN RETURN NULL; END IF;

  FOREACH table_name IN ARRAY ARRAY['memberships', 'invitations', 'api_tokens', 'connections'] LOOP
    EXECUTE format('DELETE FROM %I WHERE tenant_id = $1', table_name) USING tenant;
  END LOOP;
  FOREACH table_name IN ARRAY dependents LOOP
    EXECUTE format(
      'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE tenant_id = $1 LIMIT $2))', table_name)
      USING tenant, most;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed > 0 THEN RETURN removed; END IF;
  END LOOP;
  UPDATE backup_schedule_runs SET backup_set_id = NULL WHERE id = ANY (ARRAY(
    SELECT id FROM backup_schedule_runs WHERE tenant_id = tenant AND backup_set_id IS NOT NULL LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN RETURN removed; END IF;
  FOREACH table_name IN ARRAY rest LOOP
    -- A run is repeated by later ones: these go first.
    EXECUTE format(
      'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE tenant_id = $1 %2$s LIMIT $2))', table_name,
      CASE WHEN table_name = 'backup_schedule_runs' THEN 'ORDER BY id DESC' ELSE '' END)
      USING tenant, most;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed > 0 THEN RETURN removed; END IF;
  END LOOP;
  DELETE FROM audit_chain WHERE chain = tenant AND sequence = ANY (ARRAY(
    SELECT sequence FROM audit_chain WHERE chain = tenant ORDER BY sequence LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN RETURN removed; END IF;
  DELETE FROM audit_log WHERE id = ANY (ARRAY(SELECT id FROM audit_log WHERE tenant_id = tenant LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN RETURN removed; END IF;
  DELETE FROM audit_chains WHERE chain = tenant;
  DELETE FROM security_windows WHERE about -> 'in' ->> 'tenant' = tenant::text;
  DELETE FROM tenants WHERE id = tenant;
  RETURN 0;
END $$;

REVOKE EXECUTE ON FUNCTION erase_tenant(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_tenant(integer, integer) TO tenantpilot_identity;
DO $$
BEGIN
  -- To own a function one must be allowed to make one.
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO tenantpilot_eraser', current_schema());
  ALTER FUNCTION erase_tenant(integer, integer) OWNER TO tenantpilot_eraser;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM tenantpilot_eraser', current_schema());
END $$;
REVOKE tenantpilot_eraser FROM CURRENT_USER;
