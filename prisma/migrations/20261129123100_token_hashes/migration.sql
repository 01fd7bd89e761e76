-- A tenant's role makes tokens and invitations, and never has to read the hash of one: only sign-in looks them up.
REVOKE SELECT, UPDATE ON api_tokens FROM tenantpilot_app;
GRANT SELECT (id, tenant_id, name, role, created_by, created_at, expires_at, last_used_at, last_used_address, revoked_at,
  rotated_at, previous_expires_at) ON api_tokens TO tenantpilot_app;
GRANT UPDATE (token_hash, created_by, expires_at, rotated_at, previous_expires_at, revoked_at)
  ON api_tokens TO tenantpilot_app;

REVOKE SELECT ON invitations FROM tenantpilot_app;
GRANT SELECT (id, tenant_id, email, role, invited_by, created_at, expires_at, withdrawn_at, accepted_at, accepted_by)
  ON invitations TO tenantpilot_app;

-- Who gives a token a new secret cannot read the old one's hash, so it is kept here while the old one still works.
CREATE FUNCTION keep_previous_secret() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.previous_token_hash := CASE WHEN NEW.previous_expires_at IS NOT NULL THEN OLD.token_hash END;
  RETURN NEW;
END $$;
CREATE TRIGGER previous_secret BEFORE UPDATE OF token_hash ON api_tokens
  FOR EACH ROW EXECUTE FUNCTION keep_previous_secret();
