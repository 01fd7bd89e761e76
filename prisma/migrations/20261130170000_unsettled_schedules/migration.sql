-- What became of a cause of failures is told by the schedules that it hit: by those whose last run was no complete backup, and by
-- those that are deleted. An overview reads them from this index alone; of the others, most of them, it need not know more.
CREATE INDEX unsettled_schedules ON backup_schedules (tenant_id, id) INCLUDE (last_run_status, deleted_at)
  WHERE last_run_status IS DISTINCT FROM 'success' OR deleted_at IS NOT NULL;
