-- How far a tenant's snapshots were looked through for what the index over contents lacks: an hourly look reads those since.

-- CreateTable
CREATE TABLE "content_looks" (
    "tenant_id" INTEGER NOT NULL,
    "looked_until" TIMESTAMPTZ(3) NOT NULL,
    "whole_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "content_looks_pkey" PRIMARY KEY ("tenant_id")
);

-- AddForeignKey
ALTER TABLE "content_looks" ADD CONSTRAINT "content_looks_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

GRANT SELECT, INSERT, UPDATE ON content_looks TO tenantpilot_app;
ALTER TABLE content_looks ENABLE ROW LEVEL SECURITY;
ALTER TABLE content_looks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON content_looks TO tenantpilot_app
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());
