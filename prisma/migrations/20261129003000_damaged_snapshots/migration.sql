-- Snapshots that were found damaged or missing, and the one way in which a stored snapshot may change: back to the bytes
-- of its own hash.
CREATE TABLE "damaged_snapshots" (
  "tenant_id" INTEGER NOT NULL,
  "sha256" CHAR(64) NOT NULL,
  "found_at" TIMESTAMPTZ(3) NOT NULL,
  "healed_at" TIMESTAMPTZ(3),

  CONSTRAINT "damaged_snapshots_pkey" PRIMARY KEY ("tenant_id", "sha256")
);

-- No foreign key to snapshots: a missing one is noted as well.
ALTER TABLE "damaged_snapshots" ADD CONSTRAINT "damaged_snapshots_tenant_id_fkey" FOREIGN KEY ("tenant_id")
  REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

GRANT SELECT, INSERT, UPDATE ON damaged_snapshots TO tenantpilot_app;
GRANT SELECT, DELETE ON damaged_snapshots TO tenantpilot_retention;

ALTER TABLE damaged_snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE damaged_snapshots FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON damaged_snapshots TO tenantpilot_app, tenantpilot_retention
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());

-- A note goes with its snapshot.
CREATE FUNCTION forget_damage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM damaged_snapshots d USING removed r WHERE d.tenant_id = r.tenant_id AND d.sha256 = r.sha256;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_damage AFTER DELETE ON snapshots REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION forget_damage();

-- A snapshot is immutable, with one exception that the database proves by itself: one that is noted as damaged may be
-- given the document whose SHA-256 is its key. The document is stored uncompressed, because the hash is over the
-- uncompressed document and PostgreSQL cannot decompress. This binds everyone, superusers included.
CREATE FUNCTION refuse_snapshot_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.tenant_id = OLD.tenant_id AND NEW.sha256 = OLD.sha256 AND NEW.created_at = OLD.created_at
     AND NEW.encoding = 'plain'
     AND encode(sha256(NEW.content), 'hex') = NEW.sha256
     AND NEW.bytes_logical = length(NEW.content) AND NEW.bytes_stored = length(NEW.content)
     AND EXISTS (SELECT 1 FROM damaged_snapshots d
                 WHERE d.tenant_id = NEW.tenant_id AND d.sha256 = NEW.sha256 AND d.healed_at IS NULL) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'snapshots is immutable: UPDATE refused' USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER immutable ON snapshots;
CREATE TRIGGER immutable BEFORE UPDATE ON snapshots FOR EACH ROW EXECUTE FUNCTION refuse_snapshot_change();
GRANT UPDATE (encoding, content, bytes_logical, bytes_stored) ON snapshots TO tenantpilot_app;
