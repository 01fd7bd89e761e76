-- What the tables cannot say by themselves: roles, row-level security, immutability, and the indexes that
-- make "nothing lost, nothing double" a fact of the database. Needs PostgreSQL 16 or newer.

-- 1. Roles -------------------------------------------------------------------------------------------------
-- Nobody works as the owner of the tables. Every transaction of web and worker first takes one of these
-- roles (SET LOCAL ROLE), which cannot log in, own nothing and do not bypass row-level security.
--   tenantpilot_app         one tenant: app.tenant_id
--   tenantpilot_portfolio   read-only over the tenants of one user: app.user_id
--   tenantpilot_identity    sign-in and token look-up, before a tenant is known; provisioning of tenants
--   tenantpilot_dispatcher  all tenants, but only what dispatch and the sweep of lost runs need
--   tenantpilot_retention   one tenant, and the only role that may remove sets, items and snapshots
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY[
    'tenantpilot_app', 'tenantpilot_portfolio', 'tenantpilot_identity',
    'tenantpilot_dispatcher', 'tenantpilot_retention'
  ] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT', role_name);
    END IF;
    -- INHERIT FALSE: connecting alone gives none of the role's rights; the transaction must take the role.
    EXECUTE format('GRANT %I TO CURRENT_USER WITH INHERIT FALSE, SET TRUE', role_name);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
  END LOOP;
END $$;

-- 2. What is bound to a transaction -------------------------------------------------------------------------
CREATE FUNCTION app_tenant_id() RETURNS integer LANGUAGE sql STABLE
  RETURN nullif(current_setting('app.tenant_id', true), '')::integer;
CREATE FUNCTION app_user_id() RETURNS integer LANGUAGE sql STABLE
  RETURN nullif(current_setting('app.user_id', true), '')::integer;

-- 3. Grants -------------------------------------------------------------------------------------------------
GRANT SELECT ON tenants, memberships, api_tokens, connections, backup_schedules, backup_schedule_runs, backup_sets,
  backup_items, staged_items, snapshots, audit_log, notifications TO tenantpilot_app;
GRANT SELECT (id, email, name, disabled_at, created_at) ON users TO tenantpilot_app;
GRANT INSERT, UPDATE ON memberships, api_tokens, connections, backup_schedules, backup_schedule_runs, backup_sets,
  notifications TO tenantpilot_app;
GRANT UPDATE (name) ON tenants TO tenantpilot_app;
GRANT INSERT ON backup_items, snapshots, audit_log TO tenantpilot_app;
GRANT INSERT, UPDATE, DELETE ON staged_items TO tenantpilot_app;
GRANT DELETE ON memberships TO tenantpilot_app;

GRANT SELECT ON tenants, memberships, backup_schedules, backup_schedule_runs, backup_sets, notifications
  TO tenantpilot_portfolio;

GRANT SELECT, INSERT, UPDATE ON users TO tenantpilot_identity;
GRANT SELECT ON api_tokens TO tenantpilot_identity;
GRANT SELECT, INSERT ON tenants, memberships TO tenantpilot_identity;
GRANT INSERT ON audit_log TO tenantpilot_identity;
GRANT UPDATE (last_used_at) ON api_tokens TO tenantpilot_identity;

GRANT SELECT ON tenants, memberships, backup_schedules, backup_schedule_runs TO tenantpilot_dispatcher;
GRANT UPDATE (next_run_at, last_run_at, last_run_status, failure_streak, is_enabled, paused_reason)
  ON backup_schedules TO tenantpilot_dispatcher;
GRANT INSERT, UPDATE ON backup_schedule_runs TO tenantpilot_dispatcher;
GRANT INSERT ON audit_log, notifications TO tenantpilot_dispatcher;
GRANT SELECT, DELETE ON staged_items TO tenantpilot_dispatcher;

GRANT SELECT ON tenants, memberships, backup_schedules, backup_schedule_runs, backup_sets, backup_items, staged_items,
  snapshots TO tenantpilot_retention;
GRANT UPDATE ON backup_sets, backup_schedule_runs TO tenantpilot_retention;
GRANT DELETE ON backup_sets, backup_items, snapshots TO tenantpilot_retention;
GRANT INSERT ON audit_log, notifications TO tenantpilot_retention;

GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tenantpilot_app, tenantpilot_identity, tenantpilot_dispatcher,
  tenantpilot_retention;

-- 4. Row-level security ---------------------------------------------------------------------------------------
-- FORCE: the owner of the tables is bound as well, and has no policy: as the owner one sees nothing.
DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY[
    'memberships', 'api_tokens', 'connections', 'backup_schedules', 'backup_schedule_runs', 'backup_sets',
    'backup_items', 'staged_items', 'snapshots', 'audit_log', 'notifications'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO tenantpilot_app, tenantpilot_retention
         USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())', table_name);
  END LOOP;

  FOREACH table_name IN ARRAY ARRAY['backup_schedules', 'backup_schedule_runs', 'backup_sets'] LOOP
    EXECUTE format(
      'CREATE POLICY portfolio ON %I FOR SELECT TO tenantpilot_portfolio
         USING (tenant_id IN (SELECT tenant_id FROM memberships WHERE user_id = app_user_id()))', table_name);
  END LOOP;

  FOREACH table_name IN ARRAY ARRAY[
    'memberships', 'backup_schedules', 'backup_schedule_runs', 'staged_items', 'audit_log', 'notifications'
  ] LOOP
    EXECUTE format(
      'CREATE POLICY dispatch ON %I TO tenantpilot_dispatcher USING (true) WITH CHECK (true)', table_name);
  END LOOP;
END $$;

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants TO tenantpilot_app, tenantpilot_retention
  USING (id = app_tenant_id()) WITH CHECK (id = app_tenant_id());
CREATE POLICY portfolio ON tenants FOR SELECT TO tenantpilot_portfolio
  USING (id IN (SELECT tenant_id FROM memberships WHERE user_id = app_user_id()));
CREATE POLICY dispatch ON tenants FOR SELECT TO tenantpilot_dispatcher USING (true);

CREATE POLICY portfolio ON memberships FOR SELECT TO tenantpilot_portfolio USING (user_id = app_user_id());
CREATE POLICY portfolio ON notifications FOR SELECT TO tenantpilot_portfolio USING (user_id = app_user_id());

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY identity ON users TO tenantpilot_identity USING (true) WITH CHECK (true);
-- A tenant sees its own members and nobody else.
CREATE POLICY members ON users FOR SELECT TO tenantpilot_app
  USING (EXISTS (SELECT 1 FROM memberships WHERE memberships.user_id = users.id));
CREATE POLICY identity ON api_tokens TO tenantpilot_identity USING (true) WITH CHECK (true);
CREATE POLICY identity ON tenants TO tenantpilot_identity USING (true) WITH CHECK (true);
CREATE POLICY identity ON memberships TO tenantpilot_identity USING (true) WITH CHECK (true);
CREATE POLICY identity ON audit_log FOR INSERT TO tenantpilot_identity WITH CHECK (true);

-- 5. Once, and only once --------------------------------------------------------------------------------------
-- One active run a schedule: the guarantee behind CONCURRENT_RUN and the 409 of Run now.
CREATE UNIQUE INDEX one_active_run_per_schedule ON backup_schedule_runs (backup_schedule_id) WHERE status = 'running';
-- The dispatcher's only probe: what is due.
CREATE INDEX due_schedules ON backup_schedules (next_run_at) WHERE next_run_at IS NOT NULL;
-- The sweep's only probe: active runs.
CREATE INDEX active_runs ON backup_schedule_runs (tenant_id, id) WHERE status = 'running';
CREATE INDEX unread_notifications ON notifications (tenant_id, user_id) WHERE read_at IS NULL;

-- 6. Rules of single rows -------------------------------------------------------------------------------------
ALTER TABLE users
  ADD CONSTRAINT email_is_lower_case CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 320);
ALTER TABLE tenants ADD CONSTRAINT name_has_length CHECK (length(name) BETWEEN 1 AND 200);
ALTER TABLE api_tokens ADD CONSTRAINT name_has_length CHECK (length(name) BETWEEN 1 AND 200);
ALTER TABLE backup_schedules
  ADD CONSTRAINT name_has_length CHECK (length(name) BETWEEN 1 AND 200),
  ADD CONSTRAINT time_is_a_minute CHECK (time_of_day ~ '^([01][0-9]|2[0-3]):[0-5][0-9]:00$'),
  ADD CONSTRAINT days_fit_frequency CHECK (
    CASE frequency
      WHEN 'weekly' THEN cardinality(days_of_week) BETWEEN 1 AND 7 AND days_of_week <@ '{1,2,3,4,5,6,7}'::smallint[]
      ELSE days_of_week IS NULL OR cardinality(days_of_week) = 0
    END),
  ADD CONSTRAINT retention_keeps_one CHECK (retention_keep_last >= 1),
  ADD CONSTRAINT window_is_bounded CHECK (start_window_minutes BETWEEN 0 AND 720),
  ADD CONSTRAINT streak_is_counted CHECK (pause_after_failures >= 0 AND failure_streak >= 0),
  ADD CONSTRAINT due_only_when_live CHECK (next_run_at IS NULL OR (is_enabled AND deleted_at IS NULL));
ALTER TABLE backup_schedule_runs
  ADD CONSTRAINT ended_has_end CHECK ((status = 'running') = (finished_at IS NULL)),
  ADD CONSTRAINT set_only_of_captured CHECK (backup_set_id IS NULL OR status IN ('success', 'partial'));
ALTER TABLE backup_sets ADD CONSTRAINT set_has_outcome CHECK (status IN ('success', 'partial'));

-- 7. Immutability ---------------------------------------------------------------------------------------------
-- The triggers bind everyone, superusers included. What retention removes, it removes as its own role.
CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is immutable: UPDATE refused', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME <> 'audit_log' AND current_user = 'tenantpilot_retention' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is kept: % refused outside retention', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION refuse_set_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lifecycle text[] := ARRAY['pinned_at', 'pinned_by', 'deleted_at', 'verified_at', 'verify_result'];
BEGIN
  IF to_jsonb(OLD) - lifecycle IS DISTINCT FROM to_jsonb(NEW) - lifecycle THEN
    RAISE EXCEPTION 'backup_sets is immutable: only % may change', array_to_string(lifecycle, ', ')
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

-- An ended run is history. Only retention changes it, when it purges the set: backup_set_id becomes null.
CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'running'
     AND (to_jsonb(OLD) - 'backup_set_id' IS DISTINCT FROM to_jsonb(NEW) - 'backup_set_id'
          OR NEW.backup_set_id IS NOT NULL) THEN
    RAISE EXCEPTION 'run % has ended (%) and cannot change', OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER immutable BEFORE UPDATE ON backup_items FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER immutable BEFORE UPDATE ON snapshots FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER immutable BEFORE UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER immutable BEFORE UPDATE ON backup_sets FOR EACH ROW EXECUTE FUNCTION refuse_set_change();
CREATE TRIGGER history BEFORE UPDATE ON backup_schedule_runs FOR EACH ROW EXECUTE FUNCTION refuse_history_change();

CREATE TRIGGER kept BEFORE DELETE ON backup_sets FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept BEFORE DELETE ON backup_items FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept BEFORE DELETE ON snapshots FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept BEFORE DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON backup_sets FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON backup_items FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON snapshots FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
