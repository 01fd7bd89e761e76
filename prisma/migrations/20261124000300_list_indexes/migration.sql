-- What the lists ask for in a tenant with 10,000 schedules and 200,000 runs (npm run bench -- pages).
--
-- Under row-level security a condition is used as an index condition, and estimated by statistics, only if its operator
-- is leakproof. Comparing numbers, times and texts is; comparing enums, LIKE and ILIKE are not. So a column of an enum
-- type in an index finds nothing: what is asked by status or trigger has a partial index for each value instead, and the
-- query names the value as a literal.

-- 1. Runs by outcome and by what started them ------------------------------------------------------------------
-- Each holds the other filter too, so that both together are decided inside the index. Success is most of the history,
-- and needs none; active_runs has been there from the first.
CREATE INDEX partial_runs ON backup_schedule_runs (tenant_id, id DESC) INCLUDE (trigger) WHERE status = 'partial';
CREATE INDEX failed_runs ON backup_schedule_runs (tenant_id, id DESC) INCLUDE (trigger) WHERE status = 'failed';
CREATE INDEX canceled_runs ON backup_schedule_runs (tenant_id, id DESC) INCLUDE (trigger) WHERE status = 'canceled';
CREATE INDEX skipped_runs ON backup_schedule_runs (tenant_id, id DESC) INCLUDE (trigger) WHERE status = 'skipped';
CREATE INDEX manual_runs ON backup_schedule_runs (tenant_id, id DESC) INCLUDE (status) WHERE trigger = 'manual';
CREATE INDEX retry_runs ON backup_schedule_runs (tenant_id, id DESC) INCLUDE (status) WHERE trigger = 'retry';
-- What the overview groups by cause.
CREATE INDEX troubled_runs ON backup_schedule_runs (tenant_id, finished_at) INCLUDE (id, backup_schedule_id, error_code)
  WHERE status IN ('failed', 'partial');

-- 2. Schedules by name, in its order and by a part of it, and how many there are ---------------------------------
-- The name is in it twice: as people order names, and as it is, so that the table itself is not looked at.
DROP INDEX "backup_schedules_tenant_id_name_idx";
CREATE INDEX live_schedules ON backup_schedules (tenant_id, lower(name), id) INCLUDE (name) WHERE deleted_at IS NULL;

-- 3. Sets: the newest complete one, the newest in the bin, and how many each schedule has ----------------------------
CREATE INDEX complete_sets ON backup_sets (tenant_id, created_at DESC) INCLUDE (backup_schedule_id)
  WHERE status = 'success' AND deleted_at IS NULL;
CREATE INDEX newest_binned_sets ON backup_sets (tenant_id, id DESC) WHERE deleted_at IS NOT NULL;
CREATE INDEX "sets_of_schedules_idx"
  ON "backup_sets"("tenant_id", "backup_schedule_id", "created_at", "deleted_at");

-- 4. Audit log: an action, and people among all that the service does ----------------------------------------------
CREATE INDEX "audit_log_tenant_id_action_id_idx" ON "audit_log"("tenant_id", "action", "id" DESC);
CREATE INDEX audit_of_people ON audit_log (tenant_id, id DESC) INCLUDE (actor_kind, actor_id, action, at)
  WHERE actor_kind <> 'system';
