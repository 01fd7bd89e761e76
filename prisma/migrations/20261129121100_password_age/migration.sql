-- A password that somebody else made, and has seen, lapses: whoever got hold of it later gets nowhere. Those from before are as
-- old as this migration.
ALTER TABLE "users" ADD COLUMN "password_set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

GRANT UPDATE (password_set_at) ON users TO tenantpilot_account;
