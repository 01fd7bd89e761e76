-- Alerts: what happened, who wants to hear of it, and what became of telling them.

-- CreateTable
CREATE TABLE "alert_targets" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_ciphertext" BYTEA,
    "hint" TEXT NOT NULL,
    "recipients" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "to_owners" BOOLEAN NOT NULL DEFAULT false,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    "last_delivered_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_targets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_rules" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER,
    "target_id" INTEGER NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "kinds" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "least_severity" TEXT NOT NULL DEFAULT 'warning',
    "schedule_ids" INTEGER[] NOT NULL DEFAULT ARRAY[]::INTEGER[],
    "policy_types" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "tells_recovery" BOOLEAN NOT NULL DEFAULT true,
    "timezone" TEXT NOT NULL DEFAULT 'UTC',
    "quiet_from" TEXT,
    "quiet_until" TEXT,
    "repeat_hours" INTEGER,
    "digest" TEXT,
    "digest_due_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_rules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incidents" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "cause" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "link" TEXT,
    "schedule_id" INTEGER,
    "policy_types" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "count" INTEGER NOT NULL DEFAULT 1,
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" INTEGER,
    "snoozed_until" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "incidents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_events" (
    "id" BIGSERIAL NOT NULL,
    "uid" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" INTEGER NOT NULL,
    "incident_id" INTEGER,
    "kind" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "began_as" TEXT,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "link" TEXT,
    "data" JSONB NOT NULL DEFAULT '{}',
    "schedule_id" INTEGER,
    "policy_types" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "only_target_id" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "routed_at" TIMESTAMPTZ(3),

    CONSTRAINT "alert_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_deliveries" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "event_id" BIGINT NOT NULL,
    "target_id" INTEGER NOT NULL,
    "target_tenant_id" INTEGER,
    "rule_id" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3),
    "last_at" TIMESTAMPTZ(3),
    "duration_ms" INTEGER,
    "answer_status" INTEGER,
    "answer" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "alert_targets_tenant_id_id_key" ON "alert_targets"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "alert_rules_tenant_id_idx" ON "alert_rules"("tenant_id");

-- CreateIndex
CREATE INDEX "alert_rules_target_id_idx" ON "alert_rules"("target_id");

-- CreateIndex
CREATE UNIQUE INDEX "incidents_tenant_id_id_key" ON "incidents"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "incidents_tenant_id_opened_at_idx" ON "incidents"("tenant_id", "opened_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "alert_events_tenant_id_id_key" ON "alert_events"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "alert_events_tenant_id_created_at_idx" ON "alert_events"("tenant_id", "created_at");

-- CreateIndex
CREATE INDEX "alert_events_tenant_id_incident_id_idx" ON "alert_events"("tenant_id", "incident_id");

-- CreateIndex
CREATE UNIQUE INDEX "alert_deliveries_event_id_target_id_key" ON "alert_deliveries"("event_id", "target_id");

-- CreateIndex
CREATE INDEX "alert_deliveries_tenant_id_event_id_idx" ON "alert_deliveries"("tenant_id", "event_id");

-- CreateIndex
CREATE INDEX "alert_deliveries_target_id_id_idx" ON "alert_deliveries"("target_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "alert_targets" ADD CONSTRAINT "alert_targets_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_rules" ADD CONSTRAINT "alert_rules_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_rules" ADD CONSTRAINT "alert_rules_tenant_id_target_id_fkey" FOREIGN KEY ("tenant_id", "target_id") REFERENCES "alert_targets"("tenant_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "alert_rules" ADD CONSTRAINT "alert_rules_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "alert_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_events" ADD CONSTRAINT "alert_events_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_events" ADD CONSTRAINT "alert_events_tenant_id_incident_id_fkey" FOREIGN KEY ("tenant_id", "incident_id") REFERENCES "incidents"("tenant_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_tenant_id_event_id_fkey" FOREIGN KEY ("tenant_id", "event_id") REFERENCES "alert_events"("tenant_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_target_tenant_id_target_id_fkey" FOREIGN KEY ("target_tenant_id", "target_id") REFERENCES "alert_targets"("tenant_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "alert_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is worse has a higher rank.
CREATE FUNCTION severity_rank(severity text) RETURNS integer LANGUAGE sql IMMUTABLE
  RETURN array_position(ARRAY['info', 'warning', 'critical'], severity);

-- One open incident of a cause: repeats are counted there.
CREATE UNIQUE INDEX one_open_incident ON incidents (tenant_id, cause) WHERE closed_at IS NULL;
-- What the tick looks for: events and deliveries whose job was lost.
CREATE INDEX unrouted_alerts ON alert_events (created_at) WHERE routed_at IS NULL;
CREATE INDEX pending_deliveries ON alert_deliveries (next_at) WHERE state = 'pending';

-- Rules of single rows
ALTER TABLE alert_targets
  ADD CONSTRAINT kind_is_known CHECK (kind IN ('email', 'webhook', 'teams', 'slack', 'heartbeat')),
  ADD CONSTRAINT name_has_length CHECK (length(name) BETWEEN 1 AND 200),
  ADD CONSTRAINT has_a_place CHECK ((kind = 'email') = (secret_ciphertext IS NULL)),
  ADD CONSTRAINT mail_has_recipients CHECK (kind <> 'email' OR to_owners OR cardinality(recipients) > 0),
  ADD CONSTRAINT owners_are_a_tenants CHECK (tenant_id IS NOT NULL OR NOT to_owners);
ALTER TABLE alert_rules
  ADD CONSTRAINT severity_is_known CHECK (least_severity IN ('info', 'warning', 'critical')),
  ADD CONSTRAINT quiet_hours_are_whole CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
  ADD CONSTRAINT quiet_hours_are_times CHECK (
    quiet_from IS NULL OR quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND quiet_until ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  ADD CONSTRAINT repeat_is_bounded CHECK (repeat_hours BETWEEN 1 AND 720),
  ADD CONSTRAINT digest_is_known CHECK (digest IN ('daily', 'weekly'));
ALTER TABLE incidents
  ADD CONSTRAINT severity_is_known CHECK (severity IN ('info', 'warning', 'critical')),
  ADD CONSTRAINT is_counted CHECK (count >= 1);
ALTER TABLE alert_events ADD CONSTRAINT severity_is_known CHECK (severity IN ('info', 'warning', 'critical'));
ALTER TABLE alert_deliveries
  ADD CONSTRAINT state_is_known CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
  ADD CONSTRAINT pending_has_a_time CHECK ((state = 'pending') = (next_at IS NOT NULL)),
  ADD CONSTRAINT target_is_the_tenants CHECK (target_tenant_id IS NULL OR target_tenant_id = tenant_id),
  ADD CONSTRAINT answer_is_bounded CHECK (length(answer) <= 4000);

-- Until now every tenant's owners looked for themselves: from now on they are told by mail, once mail is set up.
-- The owner is bound by row-level security too.
ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
WITH made AS (
  INSERT INTO alert_targets (tenant_id, kind, name, hint, to_owners)
  SELECT id, 'email', 'Owners by mail', 'the owners', true FROM tenants RETURNING id, tenant_id
)
INSERT INTO alert_rules (tenant_id, target_id) SELECT tenant_id, id FROM made;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;

-- Grants. Who causes an event writes it; the dispatcher's role routes and delivers for all tenants; the platform's
-- administrators have targets of their own, which belong to no tenant.
GRANT SELECT, INSERT, UPDATE, DELETE ON alert_targets, alert_rules TO tenantpilot_app, tenantpilot_identity;
GRANT SELECT, INSERT, UPDATE ON incidents TO tenantpilot_app;
GRANT SELECT, INSERT ON alert_events TO tenantpilot_app;
GRANT SELECT, UPDATE ON alert_deliveries TO tenantpilot_app;
GRANT SELECT, UPDATE ON alert_deliveries TO tenantpilot_identity;
GRANT SELECT, UPDATE ON alert_targets, alert_rules TO tenantpilot_dispatcher;
GRANT SELECT, INSERT, UPDATE, DELETE ON incidents, alert_events, alert_deliveries TO tenantpilot_dispatcher;
GRANT SELECT ON alert_targets, alert_rules, incidents TO tenantpilot_backup;
GRANT USAGE ON SEQUENCE alert_targets_id_seq, alert_rules_id_seq TO tenantpilot_app, tenantpilot_identity;
GRANT USAGE ON SEQUENCE incidents_id_seq, alert_events_id_seq TO tenantpilot_app, tenantpilot_dispatcher;
GRANT USAGE ON SEQUENCE alert_deliveries_id_seq TO tenantpilot_dispatcher;
-- Whom a mail goes to.
GRANT SELECT (id, email, name, disabled_at) ON users TO tenantpilot_dispatcher;
CREATE POLICY dispatch ON users FOR SELECT TO tenantpilot_dispatcher USING (true);

DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['alert_targets', 'alert_rules', 'incidents', 'alert_events', 'alert_deliveries'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format('CREATE POLICY dispatch ON %I TO tenantpilot_dispatcher USING (true) WITH CHECK (true)', table_name);
  END LOOP;
  FOREACH table_name IN ARRAY ARRAY['alert_targets', 'alert_rules', 'incidents', 'alert_events'] LOOP
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO tenantpilot_app
         USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())', table_name);
  END LOOP;
  FOREACH table_name IN ARRAY ARRAY['alert_targets', 'alert_rules'] LOOP
    EXECUTE format(
      'CREATE POLICY platform ON %I TO tenantpilot_identity
         USING (tenant_id IS NULL) WITH CHECK (tenant_id IS NULL)', table_name);
    -- A new tenant gets its first target with its first members.
    EXECUTE format('CREATE POLICY provision ON %I FOR INSERT TO tenantpilot_identity WITH CHECK (true)', table_name);
  END LOOP;
  FOREACH table_name IN ARRAY ARRAY['alert_targets', 'alert_rules', 'incidents'] LOOP
    EXECUTE format('CREATE POLICY backup ON %I FOR SELECT TO tenantpilot_backup USING (true)', table_name);
  END LOOP;
END $$;
-- What the platform's own targets were sent is no tenant's to see, nor the other way round.
CREATE POLICY tenant ON alert_deliveries TO tenantpilot_app
  USING (tenant_id = app_tenant_id() AND target_tenant_id = tenant_id)
  WITH CHECK (tenant_id = app_tenant_id() AND target_tenant_id = tenant_id);
CREATE POLICY platform ON alert_deliveries TO tenantpilot_identity
  USING (target_tenant_id IS NULL) WITH CHECK (target_tenant_id IS NULL);
