-- An occurrence is its nominal time: the wall-clock minute that the rule names, without the start offset. The shifted
-- instant changes with the start window, so a key on it lets one occurrence run twice; and it is the due time of manual
-- runs as well, so a Run now of the same millisecond would have passed for the occurrence.
ALTER TABLE "backup_schedule_runs" ADD COLUMN "nominal_at" TIMESTAMPTZ(3);

-- Runs from before stay without: they are history, which nothing changes, and their schedules are due later already.
DROP INDEX "backup_schedule_runs_backup_schedule_id_scheduled_for_key";

-- CreateIndex
CREATE UNIQUE INDEX "backup_schedule_runs_backup_schedule_id_nominal_at_key" ON "backup_schedule_runs"("backup_schedule_id", "nominal_at");

ALTER TABLE backup_schedule_runs
  ADD CONSTRAINT only_schedules_have_occurrences CHECK (nominal_at IS NULL OR trigger = 'schedule');

-- An occurrence that had come when its schedule's timing was edited, and had not been dispatched: the new rule does not
-- give it, so the row remembers it until it is dispatched.
ALTER TABLE "backup_schedules" ADD COLUMN "carried_missed" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "carried_nominal_at" TIMESTAMPTZ(3),
ADD COLUMN "carried_since" TIMESTAMPTZ(3);

ALTER TABLE backup_schedules
  ADD CONSTRAINT carried_is_due CHECK (
    carried_nominal_at IS NULL
    OR (next_run_at IS NOT NULL AND carried_since IS NOT NULL AND carried_nominal_at <= carried_since
        AND carried_missed >= 0));

-- Dispatch forgets what it has dispatched, and a schedule that it pauses gets a new version, as any change that an open
-- form could overwrite; who is responsible is told.
GRANT UPDATE (carried_nominal_at, version, updated_at) ON backup_schedules TO tenantpilot_dispatcher;
GRANT SELECT (user_id) ON notifications TO tenantpilot_dispatcher;
GRANT SELECT (user_id, muted_notifications) ON user_preferences TO tenantpilot_dispatcher;
CREATE POLICY dispatch ON user_preferences FOR SELECT TO tenantpilot_dispatcher USING (true);
