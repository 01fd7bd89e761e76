-- The runs in which restores read what is live, as those that people start and repeat: few among very many.
CREATE INDEX restore_runs ON backup_schedule_runs (tenant_id, id DESC) INCLUDE (status) WHERE trigger = 'restore';
