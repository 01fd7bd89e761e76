-- A tenant is deleted for good only after it was archived for a while: whoever has the session of a platform administrator,
-- or web's login, cannot make it go away before somebody notices.

-- What holds for the installation as a whole; one row. Whoever migrates writes it, nobody else can.
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "tenant_deletion_wait_hours" INTEGER NOT NULL DEFAULT 24,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);
ALTER TABLE installation
  ADD CONSTRAINT one_row CHECK (id = 1),
  ADD CONSTRAINT within_a_year CHECK (tenant_deletion_wait_hours BETWEEN 0 AND 8760);
INSERT INTO installation DEFAULT VALUES;
GRANT SELECT ON installation TO tenantpilot_identity;

CREATE FUNCTION tenant_deletion_wait() RETURNS interval LANGUAGE sql STABLE
  RETURN (SELECT make_interval(hours => tenant_deletion_wait_hours) FROM public.installation);

-- A tenant is erased once `deleted_at` is set (erase_tenant), so that is what has to wait. When the wait began is the
-- database's to say, and a tenant that was taken back begins anew.
CREATE FUNCTION hold_tenant_until_deletable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  archived_before CONSTANT timestamptz := CASE WHEN TG_OP = 'UPDATE' THEN OLD.archived_at END;
BEGIN
  IF NEW.archived_at IS NOT NULL THEN
    NEW.archived_at := coalesce(archived_before, now());
  END IF;
  IF NEW.deleted_at IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.deleted_at IS NULL)
     AND (archived_before + tenant_deletion_wait() <= now()) IS NOT TRUE THEN
    RAISE EXCEPTION 'tenant % cannot be deleted yet', NEW.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER held_until_deletable BEFORE INSERT OR UPDATE ON tenants FOR EACH ROW
  WHEN (current_user = 'tenantpilot_identity')
  EXECUTE FUNCTION hold_tenant_until_deletable();
