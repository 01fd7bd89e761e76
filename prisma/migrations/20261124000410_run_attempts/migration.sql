-- Each attempt of a run: when it began, and when and why it ended without an end of the run. Written as the attempts go,
-- so it tells of a worker that was lost as well: its attempt has a beginning and nothing else.
ALTER TABLE "backup_schedule_runs" ADD COLUMN "attempt_log" JSONB NOT NULL DEFAULT '[]';
