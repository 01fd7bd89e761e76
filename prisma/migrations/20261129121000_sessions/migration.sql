-- Sessions are rows: they end when they are said to end, and not when a cookie forgets them. Those from before have none, so
-- people sign in once more. The cookie holds a secret of 256
-- random bits, sealed; what is stored of it is a hash, so a copy of this table opens nothing.

-- CreateTable
CREATE TABLE "sessions" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "address" TEXT,
    "device" TEXT,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "sessions_secret_hash_key" ON "sessions"("secret_hash");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sessions_ends_at_idx" ON "sessions"("ends_at");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE sessions
  ADD CONSTRAINT secret_is_a_hash CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT ends_later CHECK (ends_at > created_at),
  ADD CONSTRAINT texts_have_length CHECK (length(address) <= 100 AND length(device) <= 100),
  ADD CONSTRAINT end_has_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  ADD CONSTRAINT reason_is_known CHECK (end_reason IN (
    'sign_out', 'signed_in_again', 'ended_by_person', 'password_changed', 'administrator', 'account_disabled'));

-- 1. Who may ------------------------------------------------------------------------------------------------
-- A person has their own. Identity ends those of anybody: administrators, and the account's disabling. The sweep sees and
-- removes what is over, and nothing else. Nobody prolongs one: `ends_at` is in no grant.
GRANT SELECT, INSERT ON sessions TO tenantpilot_account;
GRANT UPDATE (last_seen_at, address, ended_at, end_reason) ON sessions TO tenantpilot_account;
GRANT SELECT (id, user_id, ended_at) ON sessions TO tenantpilot_identity;
GRANT UPDATE (ended_at, end_reason) ON sessions TO tenantpilot_identity;
GRANT SELECT (id, ends_at), DELETE ON sessions TO tenantpilot_dispatcher;
GRANT USAGE ON SEQUENCE sessions_id_seq TO tenantpilot_account;

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY account ON sessions TO tenantpilot_account
  USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());
CREATE POLICY identity ON sessions TO tenantpilot_identity USING (true) WITH CHECK (true);
CREATE POLICY sweep ON sessions TO tenantpilot_dispatcher USING (ends_at <= now());

-- 2. What ends stays ended ----------------------------------------------------------------------------------
CREATE FUNCTION refuse_session_revival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
    RAISE EXCEPTION 'session % has ended', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ends_once BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION refuse_session_revival();

-- Whoever disables an account, and however: its sessions do not come back when it is enabled again.
CREATE FUNCTION end_sessions_of_disabled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions SET ended_at = now(), end_reason = 'account_disabled' WHERE user_id = NEW.id AND ended_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER sessions_end AFTER UPDATE OF disabled_at ON users FOR EACH ROW
  WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL) EXECUTE FUNCTION end_sessions_of_disabled();

-- 3. Open event streams hear of it --------------------------------------------------------------------------
-- On the channel of the live events (lib/live/notify.ts), when the transaction commits. It says whose access may have ended;
-- each stream that this concerns asks whether its own has.
CREATE FUNCTION tell_access_ended() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := to_jsonb(OLD);
BEGIN
  PERFORM pg_notify('tenantpilot_live', jsonb_build_object('access_of',
    CASE TG_TABLE_NAME
      WHEN 'sessions' THEN jsonb_build_object('session_id', old_row -> 'id')
      WHEN 'users' THEN jsonb_build_object('user_id', old_row -> 'id')
      WHEN 'memberships' THEN
        jsonb_build_object('tenant_id', old_row -> 'tenant_id', 'user_id', old_row -> 'user_id')
      WHEN 'api_tokens' THEN jsonb_build_object('tenant_id', old_row -> 'tenant_id', 'token_id', old_row -> 'id')
    END)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER access_ended AFTER UPDATE OF ended_at ON sessions FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION tell_access_ended();
CREATE TRIGGER access_ended AFTER UPDATE OF disabled_at ON users FOR EACH ROW
  WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL) EXECUTE FUNCTION tell_access_ended();
CREATE TRIGGER access_ended AFTER DELETE ON memberships FOR EACH ROW EXECUTE FUNCTION tell_access_ended();
CREATE TRIGGER access_ended AFTER UPDATE OF revoked_at, token_hash, previous_token_hash, previous_expires_at, expires_at
  ON api_tokens FOR EACH ROW EXECUTE FUNCTION tell_access_ended();
