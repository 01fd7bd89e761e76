-- contract: versions from before never name `origin`, and so what they write is of people and meets both rules
-- Restores: what was backed up is planned against the live tenant, and written by the worker.

-- Each tenant with restores has one schedule of their own, whose runs read what is live. People see its runs and sets; the
-- schedule itself is to them as one that was deleted: not listed, not counted, never due, never edited.
ALTER TABLE "backup_schedules" ADD COLUMN "origin" TEXT NOT NULL DEFAULT 'people';
ALTER TABLE backup_schedules
  ADD CONSTRAINT origin_is_known CHECK (origin IN ('people', 'restore')),
  ADD CONSTRAINT restores_own_is_hidden CHECK (origin = 'people' OR (deleted_at IS NOT NULL AND NOT is_enabled));
CREATE UNIQUE INDEX one_schedule_of_restores ON backup_schedules (tenant_id) WHERE origin = 'restore';

-- CreateTable
CREATE TABLE "write_connections" (
    "tenant_id" INTEGER NOT NULL,
    "client_id" TEXT NOT NULL,
    "credential_kind" "credential_kind" NOT NULL,
    "credential_ciphertext" BYTEA NOT NULL,
    "kept_until" TIMESTAMPTZ(3),
    "saved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "saved_by" TEXT NOT NULL,
    "tested_at" TIMESTAMPTZ(3),
    "test_result" JSONB,

    CONSTRAINT "write_connections_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "restore_settings" (
    "tenant_id" INTEGER NOT NULL,
    "two_people" BOOLEAN NOT NULL DEFAULT false,
    "break_glass_users" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "break_glass_groups" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "mass_change_limit" INTEGER NOT NULL DEFAULT 25,

    CONSTRAINT "restore_settings_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "reference_decisions" (
    "tenant_id" INTEGER NOT NULL,
    "source_tenant_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "target_id" TEXT,
    "target_name" TEXT,
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reference_decisions_pkey" PRIMARY KEY ("tenant_id","source_tenant_id","kind","source_id")
);

-- CreateTable
CREATE TABLE "restores" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "source_tenant_id" INTEGER NOT NULL,
    "source_tenant_name" TEXT NOT NULL,
    "source_set_id" INTEGER NOT NULL,
    "source_set_created_at" TIMESTAMPTZ(3) NOT NULL,
    "undo_of" INTEGER,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" INTEGER,
    "created_by_name" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3),
    "requested_by" INTEGER,
    "requested_by_name" TEXT,
    "approved_at" TIMESTAMPTZ(3),
    "approved_by" INTEGER,
    "approved_by_name" TEXT,
    "confirmed_items" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "known" JSONB NOT NULL DEFAULT '{}',
    "run_id" INTEGER,
    "live_set_id" INTEGER,
    "before_set_id" INTEGER,
    "planned_at" TIMESTAMPTZ(3),
    "job_id" UUID,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "stop_requested_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "error_code" TEXT,
    "error_message" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "restores_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "restore_items" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "restore_id" INTEGER NOT NULL,
    "policy_type" TEXT NOT NULL,
    "graph_id" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "source_sha256" CHAR(64) NOT NULL,
    "source_encoding" TEXT NOT NULL,
    "source_content" BYTEA NOT NULL,
    "mode" TEXT NOT NULL DEFAULT 'in_place',
    "prefix" TEXT,
    "is_skipped" BOOLEAN NOT NULL DEFAULT false,
    "match" TEXT NOT NULL DEFAULT 'unread',
    "live_graph_id" TEXT,
    "live_sha256" CHAR(64),
    "live_encoding" TEXT,
    "live_content" BYTEA,
    "outcome" TEXT,
    "plan" JSONB,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "phase" TEXT,
    "target_id" TEXT,
    "is_created" BOOLEAN NOT NULL DEFAULT false,
    "sent" JSONB,
    "request_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "approval_ciphertext" BYTEA,
    "approval_since" TIMESTAMPTZ(3),
    "error_code" TEXT,
    "error_message" TEXT,
    "differences" JSONB,
    "later_taken_at" TIMESTAMPTZ(3),
    "later_taken_by" TEXT,
    "secrets_ciphertext" BYTEA,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "restore_items_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "restores_tenant_id_id_key" ON "restores"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "restores_tenant_id_undo_of_idx" ON "restores"("tenant_id", "undo_of");

-- CreateIndex
CREATE UNIQUE INDEX "restore_items_restore_id_policy_type_graph_id_key" ON "restore_items"("restore_id", "policy_type", "graph_id");

-- CreateIndex
CREATE INDEX "restore_items_tenant_id_restore_id_id_idx" ON "restore_items"("tenant_id", "restore_id", "id");

-- AddForeignKey
ALTER TABLE "write_connections" ADD CONSTRAINT "write_connections_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "restore_settings" ADD CONSTRAINT "restore_settings_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reference_decisions" ADD CONSTRAINT "reference_decisions_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "restores" ADD CONSTRAINT "restores_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "restore_items" ADD CONSTRAINT "restore_items_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "restore_items" ADD CONSTRAINT "restore_items_tenant_id_restore_id_fkey" FOREIGN KEY ("tenant_id", "restore_id") REFERENCES "restores"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Rules of single rows
ALTER TABLE restore_settings
  ADD CONSTRAINT mass_change_limit_counts CHECK (mass_change_limit BETWEEN 1 AND 1000);
ALTER TABLE restores
  ADD CONSTRAINT status_is_known CHECK (status IN ('planning', 'planned', 'plan_failed', 'awaiting_approval', 'queued',
    'running', 'waiting', 'done', 'done_with_problems', 'stopped', 'failed', 'discarded')),
  -- Who asks is never who approves, whatever the code above thinks.
  ADD CONSTRAINT approved_by_another CHECK (approved_by IS NULL OR requested_by IS DISTINCT FROM approved_by);
ALTER TABLE restore_items
  ADD CONSTRAINT mode_is_known CHECK (mode IN ('in_place', 'copy', 'assignments')),
  ADD CONSTRAINT copy_has_prefix CHECK ((mode = 'copy') = (prefix IS NOT NULL)),
  ADD CONSTRAINT match_is_known CHECK ("match" IN ('unread', 'found', 'none', 'ambiguous')),
  ADD CONSTRAINT outcome_is_known
    CHECK (outcome IN ('unchanged', 'update', 'create', 'assign', 'blocked', 'impossible')),
  ADD CONSTRAINT state_is_known CHECK (state IN ('pending', 'writing', 'waiting_for_approval', 'done',
    'done_with_differences', 'failed', 'blocked', 'skipped', 'unchanged')),
  ADD CONSTRAINT phase_is_known CHECK (phase IN ('object', 'rest', 'check'));

-- One at a time a tenant, whatever workers there are.
CREATE UNIQUE INDEX one_restore_at_a_time ON restores (tenant_id) WHERE status IN ('queued', 'running', 'waiting');
CREATE INDEX restores_at_work ON restores (job_id) WHERE status IN ('planning', 'queued', 'running', 'waiting');

-- Grants. A plan and what became of it are history: nothing is removed but with the tenant.
GRANT SELECT, INSERT, UPDATE ON restores, restore_items, restore_settings TO tenantpilot_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON write_connections, reference_decisions TO tenantpilot_app;
GRANT USAGE ON SEQUENCE restores_id_seq, restore_items_id_seq TO tenantpilot_app;
-- The tick finds restores whose job is lost, and credentials whose time is over.
GRANT SELECT (id, tenant_id, status, job_id) ON restores TO tenantpilot_dispatcher;
GRANT SELECT (tenant_id, kept_until, saved_at) ON write_connections TO tenantpilot_dispatcher;

DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['write_connections', 'restore_settings', 'reference_decisions', 'restores',
    'restore_items'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO tenantpilot_app, tenantpilot_retention
         USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())', table_name);
    EXECUTE format('GRANT SELECT ON %I TO tenantpilot_backup', table_name);
    EXECUTE format('CREATE POLICY backup ON %I FOR SELECT TO tenantpilot_backup USING (true)', table_name);
  END LOOP;
  FOREACH table_name IN ARRAY ARRAY['restores', 'write_connections'] LOOP
    EXECUTE format('CREATE POLICY dispatch ON %I FOR SELECT TO tenantpilot_dispatcher USING (true)', table_name);
  END LOOP;
END $$;
