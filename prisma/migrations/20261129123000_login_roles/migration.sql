-- What the logins of web and worker may do, as two groups that cannot log in themselves. A login is a member of its group
-- (`npm run migrate` makes it one), owns nothing, and takes the narrow roles through the group. Until now both came as the
-- owner of the tables, who can switch off every guard.
--   tenantpilot_web      people: one tenant, their tenants, their account, sign-in; what readiness and metrics ask
--   tenantpilot_worker   runs, dispatch and retention; the queue itself
DO $$
DECLARE
  group_name text;
BEGIN
  FOREACH group_name IN ARRAY ARRAY['tenantpilot_web', 'tenantpilot_worker'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = group_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT', group_name);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), group_name);
  END LOOP;
END $$;

-- INHERIT FALSE: a member has none of these rights until its transaction takes the role.
GRANT tenantpilot_app, tenantpilot_portfolio, tenantpilot_account, tenantpilot_identity, tenantpilot_dispatcher
  TO tenantpilot_web WITH INHERIT FALSE, SET TRUE;
GRANT tenantpilot_app, tenantpilot_dispatcher, tenantpilot_retention
  TO tenantpilot_worker WITH INHERIT FALSE, SET TRUE;

-- Whoever verifies the audit log does so from the command line, which has web's login.
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tenantpilot_auditor') THEN
    GRANT tenantpilot_auditor TO tenantpilot_web WITH INHERIT FALSE, SET TRUE;
  END IF;
END $$;

-- Databases that were made by PostgreSQL 14 or older let everybody create tables here.
DO $$
BEGIN
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
END $$;
