-- What belongs to a person and to no tenant: preferences, and sessions that end when the password changes.

-- 1. Sessions -----------------------------------------------------------------------------------------------
-- A session holds the version it was made with; a new password raises the version, and so ends all the others.
-- An initial password was seen by the owner who added the person: pages ask for another one first.
ALTER TABLE "users"
  ADD COLUMN "session_version" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "password_is_initial" BOOLEAN NOT NULL DEFAULT false;

-- 2. Preferences --------------------------------------------------------------------------------------------
CREATE TABLE "user_preferences" (
  "user_id" INTEGER NOT NULL,
  "time_zone" TEXT,
  "shortcuts_enabled" BOOLEAN NOT NULL DEFAULT true,
  "muted_notifications" TEXT[] DEFAULT ARRAY[]::TEXT[],
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "user_preferences_pkey" PRIMARY KEY ("user_id")
);
ALTER TABLE "user_preferences" ADD CONSTRAINT "user_preferences_user_id_fkey"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE user_preferences
  ADD CONSTRAINT zone_has_length CHECK (length(time_zone) BETWEEN 1 AND 100),
  ADD CONSTRAINT muted_is_a_list CHECK (muted_notifications IS NOT NULL AND cardinality(muted_notifications) <= 50);

-- 3. Who may ------------------------------------------------------------------------------------------------
--   tenantpilot_account     one person, on their own account: app.user_id
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tenantpilot_account') THEN
    CREATE ROLE tenantpilot_account NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT;
  END IF;
  EXECUTE 'GRANT tenantpilot_account TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO tenantpilot_account', current_schema());
END $$;

GRANT SELECT ON users, memberships, user_preferences TO tenantpilot_account;
GRANT UPDATE (password_hash, password_is_initial, session_version) ON users TO tenantpilot_account;
GRANT INSERT, UPDATE ON user_preferences TO tenantpilot_account;
GRANT INSERT ON audit_log TO tenantpilot_account;
GRANT USAGE ON SEQUENCE audit_log_id_seq TO tenantpilot_account;
-- Who sends a notification asks who wants it; the rest of a member's preferences is nobody's business.
GRANT SELECT (user_id, muted_notifications) ON user_preferences TO tenantpilot_app;

ALTER TABLE user_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY account ON user_preferences TO tenantpilot_account
  USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());
CREATE POLICY members ON user_preferences FOR SELECT TO tenantpilot_app
  USING (EXISTS (SELECT 1 FROM memberships WHERE memberships.user_id = user_preferences.user_id));
CREATE POLICY account ON users TO tenantpilot_account
  USING (id = app_user_id()) WITH CHECK (id = app_user_id());
CREATE POLICY account ON memberships FOR SELECT TO tenantpilot_account USING (user_id = app_user_id());
-- Of oneself alone, and in one's own tenants.
CREATE POLICY account ON audit_log FOR INSERT TO tenantpilot_account
  WITH CHECK (actor_kind = 'user' AND actor_id = app_user_id()
              AND tenant_id IN (SELECT tenant_id FROM memberships WHERE user_id = app_user_id()));

-- 4. Indexes ------------------------------------------------------------------------------------------------
-- What the tab's title and icon ask on every page: is a schedule failing?
CREATE INDEX failing_schedules ON backup_schedules (tenant_id)
  WHERE last_run_status = 'failed' AND is_enabled AND deleted_at IS NULL;
