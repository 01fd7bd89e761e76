-- What Microsoft calls the settings of its catalog, and how far a tenant's snapshots were looked through for them.

-- CreateTable
CREATE TABLE "setting_definitions" (
    "id" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "name" TEXT,
    "description" TEXT,
    "category_id" TEXT,
    "csp_path" TEXT,
    "options" JSONB NOT NULL DEFAULT '{}',
    "fetched_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "setting_definitions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setting_categories" (
    "id" TEXT NOT NULL,
    "name" TEXT,
    "parent_id" TEXT,
    "fetched_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "setting_categories_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "definition_looks" (
    "tenant_id" INTEGER NOT NULL,
    "looked_until" TIMESTAMPTZ(3),
    "is_complete" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "definition_looks_pkey" PRIMARY KEY ("tenant_id")
);

-- AddForeignKey
ALTER TABLE "definition_looks" ADD CONSTRAINT "definition_looks_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Nothing of a tenant's is in the first two: every tenant reads and adds to the same.
GRANT SELECT, INSERT, UPDATE ON setting_definitions, setting_categories, definition_looks TO tenantpilot_app;

DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['setting_definitions', 'setting_categories', 'definition_looks'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
  END LOOP;
END $$;

CREATE POLICY everybody ON setting_definitions TO tenantpilot_app USING (true) WITH CHECK (true);
CREATE POLICY everybody ON setting_categories TO tenantpilot_app USING (true) WITH CHECK (true);
CREATE POLICY tenant ON definition_looks TO tenantpilot_app
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());
