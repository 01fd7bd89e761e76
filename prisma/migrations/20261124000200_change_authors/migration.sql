-- Who changed a policy, as Microsoft's audit logs tell it, where the connection's permissions allow the question.

-- CreateTable
CREATE TABLE "policy_changes" (
    "tenant_id" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "graph_id" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "activity" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,

    CONSTRAINT "policy_changes_pkey" PRIMARY KEY ("tenant_id","source","event_id","graph_id")
);

-- CreateTable
CREATE TABLE "policy_change_looks" (
    "tenant_id" INTEGER NOT NULL,
    "backup_set_id" INTEGER NOT NULL,
    "looked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sources" JSONB NOT NULL,

    CONSTRAINT "policy_change_looks_pkey" PRIMARY KEY ("tenant_id","backup_set_id")
);

-- CreateIndex
CREATE INDEX "policy_changes_tenant_id_graph_id_occurred_at_idx" ON "policy_changes"("tenant_id", "graph_id", "occurred_at" DESC);

-- CreateIndex
CREATE INDEX "policy_changes_tenant_id_occurred_at_idx" ON "policy_changes"("tenant_id", "occurred_at");

-- AddForeignKey
ALTER TABLE "policy_changes" ADD CONSTRAINT "policy_changes_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_change_looks" ADD CONSTRAINT "policy_change_looks_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_change_looks" ADD CONSTRAINT "policy_change_looks_tenant_id_backup_set_id_fkey" FOREIGN KEY ("tenant_id", "backup_set_id") REFERENCES "backup_sets"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Rules of single rows
ALTER TABLE policy_changes
  ADD CONSTRAINT source_is_known CHECK (source IN ('intune', 'entra')),
  ADD CONSTRAINT operation_is_known CHECK (operation IN ('create', 'update', 'delete')),
  ADD CONSTRAINT actor_is_known CHECK (actor_kind IN ('user', 'app', 'unknown'));

-- Grants. An event is copied once and never changes; only retention removes what no set covers any more.
GRANT SELECT, INSERT ON policy_changes TO tenantpilot_app;
GRANT SELECT, INSERT, UPDATE ON policy_change_looks TO tenantpilot_app;
GRANT SELECT, DELETE ON policy_changes TO tenantpilot_retention;

CREATE TRIGGER immutable BEFORE UPDATE ON policy_changes FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER kept BEFORE DELETE ON policy_changes FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON policy_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- Row-level security, as for every table with a tenant.
DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['policy_changes', 'policy_change_looks'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO tenantpilot_app, tenantpilot_retention
         USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())', table_name);
  END LOOP;
END $$;
