-- A newer revision of the catalog may read a policy more fully than an earlier one did: then its document differs, and
-- nobody changed it. What is the same policy but for that is noted here once, and comparisons pass it over.

-- CreateTable
CREATE TABLE "rereadings" (
    "tenant_id" INTEGER NOT NULL,
    "sha256" CHAR(64) NOT NULL,
    "earlier_sha256" CHAR(64) NOT NULL,
    "noted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rereadings_pkey" PRIMARY KEY ("tenant_id","sha256","earlier_sha256")
);

-- CreateIndex
CREATE INDEX "rereadings_tenant_id_earlier_sha256_idx" ON "rereadings"("tenant_id", "earlier_sha256");

-- AddForeignKey
ALTER TABLE "rereadings" ADD CONSTRAINT "rereadings_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rereadings" ADD CONSTRAINT "rereadings_tenant_id_sha256_fkey" FOREIGN KEY ("tenant_id", "sha256") REFERENCES "snapshots"("tenant_id", "sha256") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rereadings" ADD CONSTRAINT "rereadings_tenant_id_earlier_sha256_fkey" FOREIGN KEY ("tenant_id", "earlier_sha256") REFERENCES "snapshots"("tenant_id", "sha256") ON DELETE CASCADE ON UPDATE CASCADE;

-- Noted once, never changed; gone with either snapshot.
GRANT SELECT, INSERT ON rereadings TO tenantpilot_app;
CREATE TRIGGER immutable BEFORE UPDATE ON rereadings FOR EACH ROW EXECUTE FUNCTION refuse_update();
ALTER TABLE rereadings ENABLE ROW LEVEL SECURITY;
ALTER TABLE rereadings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON rereadings TO tenantpilot_app
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());

-- Whether two snapshots of the tenant are one and the same policy: equal, or one the other read more fully.
CREATE FUNCTION same_policy(a bpchar, b bpchar) RETURNS boolean LANGUAGE sql STABLE
  RETURN a = b OR EXISTS (
    SELECT 1 FROM rereadings r
    WHERE r.tenant_id = app_tenant_id()
      AND ((r.sha256 = a AND r.earlier_sha256 = b) OR (r.sha256 = b AND r.earlier_sha256 = a)));

-- The fullest reading of a snapshot that is known; itself in most cases.
CREATE FUNCTION fullest_reading(hash bpchar) RETURNS bpchar LANGUAGE sql STABLE
  RETURN coalesce((
    SELECT r.sha256 FROM rereadings r
    WHERE r.tenant_id = app_tenant_id() AND r.earlier_sha256 = hash
    ORDER BY r.noted_at DESC, r.sha256 LIMIT 1), hash);

-- Which revision of the catalog a schedule's policy types were chosen under: its page can tell what is new since.
ALTER TABLE backup_schedules ADD COLUMN catalog_revision INTEGER NOT NULL DEFAULT 1;
