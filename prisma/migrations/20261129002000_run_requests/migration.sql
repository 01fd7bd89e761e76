-- What a run was asked for, which of its attempts count, and which process works on it.
ALTER TABLE "backup_schedule_runs"
  ADD COLUMN "policy_types" TEXT[] DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "include_foundations" BOOLEAN,
  ADD COLUMN "uncounted_attempts" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "worker" UUID;

ALTER TABLE backup_schedule_runs
  ADD CONSTRAINT uncounted_are_attempts CHECK (uncounted_attempts BETWEEN 0 AND attempt);

-- An edit of a schedule counts from its next run on. So a run keeps what it was asked for from its creation, whoever
-- creates it: dispatch, a person or a script.
CREATE FUNCTION keep_run_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT s.policy_types, s.include_foundations INTO NEW.policy_types, NEW.include_foundations
  FROM backup_schedules s WHERE s.tenant_id = NEW.tenant_id AND s.id = NEW.backup_schedule_id;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_request BEFORE INSERT ON backup_schedule_runs FOR EACH ROW EXECUTE FUNCTION keep_run_request();

-- The runs that are active now; what an ended one was asked for is not known any more. Row-level security hides them
-- from the owner too, so it is off meanwhile.
ALTER TABLE backup_schedule_runs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE backup_schedules NO FORCE ROW LEVEL SECURITY;
UPDATE backup_schedule_runs r
SET policy_types = s.policy_types, include_foundations = s.include_foundations
FROM backup_schedules s WHERE s.id = r.backup_schedule_id AND r.status = 'running';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE backup_schedules FORCE ROW LEVEL SECURITY;
ALTER TABLE backup_schedule_runs FORCE ROW LEVEL SECURITY;

-- Notifications are removed when they are old, by the daily retention and nobody else.
GRANT SELECT, DELETE ON notifications TO tenantpilot_retention;
CREATE INDEX "notifications_tenant_id_created_at_idx" ON "notifications"("tenant_id", "created_at");
