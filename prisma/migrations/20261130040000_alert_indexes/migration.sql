-- What the tick looks for each minute, and what lists show, is found by indexes: neither whole tables nor whole histories are
-- read for it.

-- Lists of what a tenant's targets were sent, and the platform's; of what was delivered there is most.
CREATE INDEX tenant_deliveries ON alert_deliveries (target_tenant_id, id DESC) WHERE target_tenant_id IS NOT NULL;
CREATE INDEX platform_deliveries ON alert_deliveries (id DESC) WHERE target_tenant_id IS NULL;
CREATE INDEX undelivered ON alert_deliveries (target_tenant_id, state, id DESC) WHERE state <> 'delivered';

-- The newest of what was told of an incident; and what is old enough to go.
CREATE INDEX "alert_events_tenant_id_incident_id_id_idx" ON "alert_events"("tenant_id", "incident_id", "id" DESC);
DROP INDEX "alert_events_tenant_id_incident_id_idx";
CREATE INDEX "alert_events_created_at_idx" ON "alert_events"("created_at");
DROP INDEX "alert_events_tenant_id_created_at_idx";
CREATE INDEX ended_incidents ON incidents (closed_at) WHERE closed_at IS NOT NULL;

-- Of open incidents those of schedules that are late or skipped, and those of workers that are away.
CREATE INDEX watched_incidents ON incidents (id) WHERE closed_at IS NULL AND kind IN ('backup.overdue', 'run.skipped');
CREATE INDEX worker_incidents ON incidents (tenant_id) WHERE closed_at IS NULL AND cause = 'worker';

-- Runs that are active, for looks at all of them: row-level security keeps the planner from knowing how few are 'running', but not
-- how few have no end yet, which is the same (constraint ended_has_end).
CREATE INDEX unended_runs ON backup_schedule_runs (id) WHERE finished_at IS NULL;

-- Whose schedules are passed over.
CREATE INDEX archived_tenants ON tenants (id) WHERE archived_at IS NOT NULL;

CREATE INDEX repeating_rules ON alert_rules (target_id) WHERE is_enabled AND repeat_hours IS NOT NULL;
CREATE INDEX due_digests ON alert_rules (digest_due_at) WHERE digest_due_at IS NOT NULL;
CREATE INDEX expiring_credentials ON connections (credential_expires_at) WHERE credential_expires_at IS NOT NULL;
