-- Whoever writes an audit entry says what happened. When it was written, and which number it has, is the database's to say.
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY[
    'tenantpilot_app', 'tenantpilot_account', 'tenantpilot_identity', 'tenantpilot_dispatcher', 'tenantpilot_retention'
  ] LOOP
    EXECUTE format('REVOKE INSERT ON audit_log FROM %I', role_name);
    EXECUTE format(
      'GRANT INSERT (tenant_id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, details)
         ON audit_log TO %I', role_name);
  END LOOP;
END $$;

-- The database's client sends the time of its own clock with each entry, so it is replaced and not refused.
CREATE FUNCTION say_when_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER written_now BEFORE INSERT ON audit_log FOR EACH ROW
  WHEN (current_user IN ('tenantpilot_app', 'tenantpilot_account', 'tenantpilot_identity', 'tenantpilot_dispatcher',
    'tenantpilot_retention'))
  EXECUTE FUNCTION say_when_written();
