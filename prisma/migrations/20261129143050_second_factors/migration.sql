-- A second step after the password: a code out of an authenticator app (TOTP, RFC 6238), or a recovery code. What is kept of
-- the app's secret is encrypted, as credentials are; of a recovery code, a hash.

-- 1. Who has a password -------------------------------------------------------------------------------------
-- An account that an invitation made for a Microsoft account has one that nobody knows.
ALTER TABLE "users" ADD COLUMN "has_password" BOOLEAN NOT NULL DEFAULT true;
-- How the session's person proved who they are.
ALTER TABLE "sessions" ADD COLUMN "proof" TEXT NOT NULL DEFAULT 'password';

-- Row-level security hides the rows from the owner too, so it is off meanwhile.
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
ALTER TABLE external_identities NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY;
-- Account and identity came in one transaction, so at one time, and no password was chosen since.
UPDATE users u SET has_password = false FROM external_identities e
WHERE e.user_id = u.id AND e.created_at = u.created_at AND u.password_set_at = u.created_at;
UPDATE sessions s SET proof = 'entra' FROM users u WHERE u.id = s.user_id AND NOT u.has_password;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
ALTER TABLE external_identities FORCE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;

ALTER TABLE sessions
  ADD CONSTRAINT proof_is_known CHECK (proof IN ('password', 'entra')),
  DROP CONSTRAINT reason_is_known,
  ADD CONSTRAINT reason_is_known CHECK (end_reason IN (
    'sign_out', 'signed_in_again', 'ended_by_person', 'password_changed', 'second_factor_changed', 'administrator',
    'account_disabled'));

-- 2. Tables -------------------------------------------------------------------------------------------------
CREATE TABLE "second_factors" (
    "user_id" INTEGER NOT NULL,
    "secret_ciphertext" BYTEA NOT NULL,
    "last_step" INTEGER NOT NULL DEFAULT 0,
    "begun_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_at" TIMESTAMPTZ(3),

    CONSTRAINT "second_factors_pkey" PRIMARY KEY ("user_id")
);
ALTER TABLE "second_factors" ADD CONSTRAINT "second_factors_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "recovery_codes" (
    "user_id" INTEGER NOT NULL,
    "code_hash" TEXT NOT NULL,

    CONSTRAINT "recovery_codes_pkey" PRIMARY KEY ("user_id","code_hash")
);
-- They go with the factor that they stand in for.
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "second_factors"("user_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Between the right password and the right code: no session yet.
CREATE TABLE "pending_sign_ins" (
    "token_hash" TEXT NOT NULL,
    "user_id" INTEGER NOT NULL,
    "session_version" INTEGER NOT NULL,
    "attempt" JSONB NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pending_sign_ins_pkey" PRIMARY KEY ("token_hash")
);
CREATE INDEX "pending_sign_ins_expires_at_idx" ON "pending_sign_ins"("expires_at");
ALTER TABLE "pending_sign_ins" ADD CONSTRAINT "pending_sign_ins_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE second_factors ADD CONSTRAINT step_is_counted CHECK (last_step >= 0);
ALTER TABLE recovery_codes ADD CONSTRAINT code_is_a_hash CHECK (code_hash ~ '^[0-9a-f]{64}$');
ALTER TABLE pending_sign_ins ADD CONSTRAINT token_is_a_hash CHECK (token_hash ~ '^[0-9a-f]{64}$');

-- Tries at codes, of one account.
ALTER TABLE sign_in_attempts
  DROP CONSTRAINT kind_is_known,
  ADD CONSTRAINT kind_is_known CHECK (kind IN ('pair', 'address', 'network', 'known', 'code'));

-- 3. Who may ------------------------------------------------------------------------------------------------
-- Secret and codes are read for one person at a time, by the role that is bound to them. Identity asks whether there is a second
-- step, and removes it for administrators; the dispatcher's role names the people whose secret gets a new key; and the owner
-- takes all of it into a backup, encrypted as it is.
GRANT SELECT, INSERT, DELETE ON second_factors, recovery_codes TO tenantpilot_account;
GRANT UPDATE (secret_ciphertext, last_step, begun_at, confirmed_at) ON second_factors TO tenantpilot_account;
GRANT SELECT (user_id, confirmed_at), DELETE ON second_factors TO tenantpilot_identity;
GRANT SELECT (user_id) ON second_factors TO tenantpilot_dispatcher;
GRANT SELECT, INSERT ON pending_sign_ins TO tenantpilot_identity;
GRANT SELECT, DELETE ON pending_sign_ins TO tenantpilot_account;
GRANT SELECT (expires_at), DELETE ON pending_sign_ins TO tenantpilot_dispatcher;

ALTER TABLE second_factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE second_factors FORCE ROW LEVEL SECURITY;
CREATE POLICY account ON second_factors TO tenantpilot_account
  USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());
CREATE POLICY identity ON second_factors TO tenantpilot_identity USING (true);
CREATE POLICY rotation ON second_factors FOR SELECT TO tenantpilot_dispatcher USING (true);
ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY account ON recovery_codes TO tenantpilot_account
  USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());
ALTER TABLE pending_sign_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE pending_sign_ins FORCE ROW LEVEL SECURITY;
CREATE POLICY identity ON pending_sign_ins TO tenantpilot_identity USING (true) WITH CHECK (true);
CREATE POLICY account ON pending_sign_ins TO tenantpilot_account USING (user_id = app_user_id());
CREATE POLICY sweep ON pending_sign_ins TO tenantpilot_dispatcher USING (expires_at <= now());
-- A backup holds what people set up, and not what waits for some minutes.
GRANT SELECT ON second_factors, recovery_codes TO tenantpilot_backup;
CREATE POLICY backup ON second_factors FOR SELECT TO tenantpilot_backup USING (true);
CREATE POLICY backup ON recovery_codes FOR SELECT TO tenantpilot_backup USING (true);

-- What somebody does with their own account, who is a member of no tenant, is in the platform's log.
CREATE POLICY account_of_no_tenant ON audit_log FOR INSERT TO tenantpilot_account
  WITH CHECK (actor_kind = 'user' AND actor_id = app_user_id() AND tenant_id IS NULL);
