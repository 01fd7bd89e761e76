-- The index over the contents of snapshots: which of them have which terms, in segments of up to a thousand. It follows from
-- the snapshots and can be made again at any time: a search reads what is not in it.

-- CreateTable
CREATE TABLE "content_segments" (
    "tenant_id" INTEGER NOT NULL,
    "id" SERIAL NOT NULL,
    "keys" BYTEA NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "content_segments_pkey" PRIMARY KEY ("tenant_id", "id")
);

-- AddForeignKey
ALTER TABLE "content_segments" ADD CONSTRAINT "content_segments_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Both are compressed, or cannot be.
ALTER TABLE content_segments ALTER COLUMN keys SET STORAGE EXTERNAL, ALTER COLUMN content SET STORAGE EXTERNAL;

-- The purge takes what it removes out of the index, in the same transaction.
GRANT SELECT, INSERT, DELETE ON content_segments TO tenantpilot_app, tenantpilot_retention;
GRANT USAGE ON SEQUENCE content_segments_id_seq TO tenantpilot_app, tenantpilot_retention;
ALTER TABLE content_segments ENABLE ROW LEVEL SECURITY;
ALTER TABLE content_segments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON content_segments TO tenantpilot_app, tenantpilot_retention
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());
