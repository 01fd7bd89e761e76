-- More that alerts tell of: credentials that expire, and what is one happening in many tenants.

-- AlterTable
ALTER TABLE "connections" ADD COLUMN "credential_expires_at" TIMESTAMPTZ(3),
ADD COLUMN "expiry_told_days" SMALLINT;

-- AlterTable
ALTER TABLE "alert_events" ADD COLUMN "is_told_elsewhere" BOOLEAN NOT NULL DEFAULT false;

-- The tick looks for what expires: when, and nothing of how the tenant is reached.
GRANT SELECT (tenant_id, credential_kind, credential_expires_at, expiry_told_days), UPDATE (expiry_told_days)
  ON connections TO tenantpilot_dispatcher;
CREATE POLICY dispatch ON connections TO tenantpilot_dispatcher USING (true) WITH CHECK (true);

-- Who changed policies is known a moment after the run has ended, and told with it.
GRANT UPDATE (body, data) ON alert_events TO tenantpilot_app;
