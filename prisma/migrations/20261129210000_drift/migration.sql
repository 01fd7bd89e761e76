-- The baseline: what a tenant shall look like. And drift: in what it differs from that.

-- CreateTable
CREATE TABLE "baselines" (
    "tenant_id" INTEGER NOT NULL,
    "source_tenant_id" INTEGER NOT NULL,
    "source_tenant_name" TEXT NOT NULL,
    "source_set_id" INTEGER NOT NULL,
    "source_set_created_at" TIMESTAMPTZ(3) NOT NULL,
    "coverage" TEXT NOT NULL,
    "known" JSONB NOT NULL DEFAULT '{}',
    "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "set_by" INTEGER,
    "set_by_name" TEXT NOT NULL,

    CONSTRAINT "baselines_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "baseline_types" (
    "tenant_id" INTEGER NOT NULL,
    "policy_type" TEXT NOT NULL,
    "is_whole" BOOLEAN NOT NULL,
    "items" INTEGER NOT NULL,
    "compared_set_id" INTEGER,
    "compared_at" TIMESTAMPTZ(3),

    CONSTRAINT "baseline_types_pkey" PRIMARY KEY ("tenant_id","policy_type")
);

-- CreateTable
CREATE TABLE "baseline_items" (
    "tenant_id" INTEGER NOT NULL,
    "policy_type" TEXT NOT NULL,
    "graph_id" TEXT NOT NULL,
    "kind" "item_kind" NOT NULL,
    "display_name" TEXT NOT NULL,
    "sha256" CHAR(64) NOT NULL,
    "hash" CHAR(64) NOT NULL,
    "encoding" TEXT NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "baseline_items_pkey" PRIMARY KEY ("tenant_id","policy_type","graph_id")
);

-- CreateTable
CREATE TABLE "drifts" (
    "tenant_id" INTEGER NOT NULL,
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'new',
    "item_kind" "item_kind" NOT NULL,
    "policy_type" TEXT NOT NULL,
    "graph_id" TEXT NOT NULL,
    "live_graph_id" TEXT,
    "display_name" TEXT NOT NULL,
    "baseline_hash" CHAR(64),
    "live_hash" CHAR(64),
    "live_sha256" CHAR(64),
    "live_item_id" BIGINT,
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "found_set_id" INTEGER NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_set_id" INTEGER NOT NULL,
    "renewed" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" INTEGER,
    "decided_by_name" TEXT,
    "reason" TEXT,
    "accepted_until" TIMESTAMPTZ(3),
    "decided_baseline_hash" CHAR(64),
    "decided_live_hash" CHAR(64),
    "gone_at" TIMESTAMPTZ(3),
    "gone_why" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "drifts_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "document_sayings" (
    "tenant_id" INTEGER NOT NULL,
    "sha256" CHAR(64) NOT NULL,
    "saying" CHAR(64) NOT NULL,

    CONSTRAINT "document_sayings_pkey" PRIMARY KEY ("tenant_id","sha256")
);

-- CreateIndex
CREATE INDEX "drifts_tenant_id_gone_at_idx" ON "drifts"("tenant_id", "gone_at");

-- AddForeignKey
ALTER TABLE "baselines" ADD CONSTRAINT "baselines_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "baseline_types" ADD CONSTRAINT "baseline_types_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "baselines"("tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "baseline_items" ADD CONSTRAINT "baseline_items_tenant_id_policy_type_fkey" FOREIGN KEY ("tenant_id", "policy_type") REFERENCES "baseline_types"("tenant_id", "policy_type") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "drifts" ADD CONSTRAINT "drifts_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "document_sayings" ADD CONSTRAINT "document_sayings_tenant_id_sha256_fkey" FOREIGN KEY ("tenant_id", "sha256") REFERENCES "snapshots"("tenant_id", "sha256") ON DELETE CASCADE ON UPDATE CASCADE;

-- One open difference of a policy. An added one is called by its live id, all others by the baseline's: of another tenant's
-- baseline these may be the same by chance.
CREATE UNIQUE INDEX one_open_drift ON drifts (tenant_id, policy_type, graph_id, (kind = 'added')) WHERE gone_at IS NULL;
-- What the tick looks for: acceptances whose time is over.
CREATE INDEX accepted_drifts ON drifts (accepted_until) WHERE gone_at IS NULL AND state = 'accepted';

-- Rules of single rows
ALTER TABLE baselines ADD CONSTRAINT coverage_is_known CHECK (coverage IN ('all', 'types', 'items'));
ALTER TABLE drifts
  ADD CONSTRAINT kind_is_known CHECK (kind IN ('added', 'removed', 'changed')),
  ADD CONSTRAINT state_is_known CHECK (state IN ('new', 'accepted', 'denied')),
  ADD CONSTRAINT renewed_is_known CHECK (renewed IN ('changed', 'expired')),
  ADD CONSTRAINT gone_has_a_reason CHECK ((gone_at IS NULL) = (gone_why IS NULL)),
  ADD CONSTRAINT gone_why_is_known CHECK (gone_why IN ('returned', 'baseline_changed', 'baseline_removed')),
  ADD CONSTRAINT decision_has_a_maker CHECK (state = 'new' OR (decided_at IS NOT NULL AND decided_by_name IS NOT NULL)),
  ADD CONSTRAINT acceptance_has_a_reason CHECK (state <> 'accepted' OR reason IS NOT NULL);

-- Grants
GRANT SELECT, INSERT, UPDATE, DELETE ON baselines, baseline_types, baseline_items, drifts TO tenantpilot_app;
GRANT SELECT, INSERT, DELETE ON document_sayings TO tenantpilot_app;
GRANT USAGE ON SEQUENCE drifts_id_seq TO tenantpilot_app;
-- The tick ends acceptances; digests and portfolios count.
GRANT SELECT (tenant_id) ON baselines TO tenantpilot_dispatcher, tenantpilot_portfolio;
GRANT SELECT (tenant_id, id, kind, state, policy_type, renewed, accepted_until, gone_at, version) ON drifts
  TO tenantpilot_dispatcher, tenantpilot_portfolio;
GRANT UPDATE (state, renewed, version) ON drifts TO tenantpilot_dispatcher;

DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['baselines', 'baseline_types', 'baseline_items', 'drifts', 'document_sayings'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO tenantpilot_app, tenantpilot_retention
         USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())', table_name);
  END LOOP;
  FOREACH table_name IN ARRAY ARRAY['baselines', 'baseline_types', 'baseline_items', 'drifts'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO tenantpilot_backup', table_name);
    EXECUTE format('CREATE POLICY backup ON %I FOR SELECT TO tenantpilot_backup USING (true)', table_name);
  END LOOP;
  FOREACH table_name IN ARRAY ARRAY['baselines', 'drifts'] LOOP
    EXECUTE format('CREATE POLICY dispatch ON %I TO tenantpilot_dispatcher USING (true) WITH CHECK (true)', table_name);
    EXECUTE format(
      'CREATE POLICY portfolio ON %I FOR SELECT TO tenantpilot_portfolio
         USING (tenant_id IN (SELECT tenant_id FROM memberships WHERE user_id = app_user_id()))', table_name);
  END LOOP;
END $$;
