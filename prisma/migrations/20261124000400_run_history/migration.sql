-- Run history and audit log with filters, over hundreds of thousands of rows in a tenant.

-- Each index here holds every column that its list filters by: whatever the combination, and however few rows fit, the
-- filter is decided inside the index, and no row is read but those shown.

-- Runs of a time range, latest due first. (The history without one has the partial indexes of "list_indexes".)
CREATE INDEX "runs_by_due_time_idx"
  ON "backup_schedule_runs"("tenant_id", "scheduled_for" DESC, "id" DESC, "status", "trigger");
-- The unique key over the same two columns does all that this one did.
DROP INDEX "backup_schedule_runs_tenant_id_id_idx";

-- The audit log, newest first. Numbers, times and texts are compared by leakproof operators: unlike enums they can be
-- conditions of the index itself.
CREATE INDEX "audit_log_filters_idx"
  ON "audit_log"("tenant_id", "id" DESC, "at", "action", "actor_kind", "actor_id", "target_kind", "target_id");
DROP INDEX "audit_log_tenant_id_id_idx";
