-- The tick looks each minute for schedules that are skipped again and again: among those that were skipped last, and not
-- among all of the installation's.
CREATE INDEX skipped_schedules ON backup_schedules (id)
  WHERE last_run_status = 'skipped' AND is_enabled AND deleted_at IS NULL;
