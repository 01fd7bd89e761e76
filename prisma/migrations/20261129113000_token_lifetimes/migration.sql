-- API tokens end, belong to who made them, and can be given a new secret while the old one still works for a while.
ALTER TABLE "api_tokens"
  ADD COLUMN "last_used_address" TEXT,
  ADD COLUMN "rotated_at" TIMESTAMPTZ(3),
  ADD COLUMN "previous_token_hash" TEXT,
  ADD COLUMN "previous_expires_at" TIMESTAMPTZ(3);

-- Row-level security hides the rows from the owner too, so it is off meanwhile.
ALTER TABLE api_tokens NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY;
-- Until now a token could make tokens: those belong to whoever made the first of them.
DO $$
DECLARE
  found bigint := 1;
BEGIN
  WHILE found > 0 LOOP
    UPDATE api_tokens made SET created_by = maker.created_by
    FROM audit_log a JOIN api_tokens maker ON maker.tenant_id = a.tenant_id AND maker.id = a.actor_id
    WHERE a.tenant_id = made.tenant_id AND a.action = 'token.created' AND a.actor_kind = 'token'
      AND a.target_kind = 'token' AND a.target_id = made.id
      AND made.created_by IS NULL AND maker.created_by IS NOT NULL;
    GET DIAGNOSTICS found = ROW_COUNT;
  END LOOP;
END $$;
-- What had no end, or a later one, ends a year from now.
UPDATE api_tokens SET expires_at = now() + interval '365 days'
WHERE expires_at IS NULL OR expires_at > now() + interval '365 days';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
ALTER TABLE api_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE "api_tokens" ALTER COLUMN "expires_at" SET NOT NULL;
ALTER TABLE api_tokens
  ADD CONSTRAINT previous_secret_ends CHECK ((previous_token_hash IS NULL) = (previous_expires_at IS NULL)),
  ADD CONSTRAINT previous_secret_is_a_hash CHECK (previous_token_hash ~ '^[0-9a-f]{64}$');

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_previous_token_hash_key" ON "api_tokens"("previous_token_hash");

GRANT UPDATE (last_used_address) ON api_tokens TO tenantpilot_identity;
