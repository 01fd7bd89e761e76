-- What the overview of a tenant and the portfolio add up on every visit, over all runs and sets of weeks: read from
-- indexes alone, without a look at the rows. With 200,000 runs the rows took 1.4 s, the indexes take a twentieth of it.

-- 1. Changes ------------------------------------------------------------------------------------------------
-- What a run found changed, as columns: an index cannot hold what lies inside `summary`. The trigger keeps them equal
-- to the summary, whoever writes it. Zero for a schedule's first backup: with nothing to compare, nothing has changed.
ALTER TABLE "backup_schedule_runs"
  ADD COLUMN "changes_added" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "changes_changed" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "changes_removed" INTEGER NOT NULL DEFAULT 0;

CREATE FUNCTION note_run_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changes jsonb := NEW.summary -> 'changes';
  changed integer := coalesce((changes ->> 'changed')::integer, 0);
  removed integer := coalesce((changes ->> 'removed')::integer, 0);
  compared integer := changed + removed + coalesce((changes ->> 'unchanged')::integer, 0);
BEGIN
  NEW.changes_added := CASE WHEN compared = 0 THEN 0 ELSE coalesce((changes ->> 'added')::integer, 0) END;
  NEW.changes_changed := changed;
  NEW.changes_removed := removed;
  RETURN NEW;
END $$;

-- Before "history", in the order of the names: an ended run whose summary stays keeps its numbers as well.
CREATE TRIGGER changes BEFORE INSERT OR UPDATE ON backup_schedule_runs FOR EACH ROW
  WHEN (NEW.summary ? 'changes') EXECUTE FUNCTION note_run_changes();

-- The runs that are there already. History refuses changes, to the owner too: it rests meanwhile.
ALTER TABLE backup_schedule_runs DISABLE TRIGGER history, NO FORCE ROW LEVEL SECURITY;
UPDATE backup_schedule_runs SET summary = summary WHERE summary ? 'changes';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE backup_schedule_runs ENABLE TRIGGER history, FORCE ROW LEVEL SECURITY;

-- 2. Indexes ------------------------------------------------------------------------------------------------
-- Outcomes, changes and failures of a range of time.
CREATE INDEX ended_runs ON backup_schedule_runs (tenant_id, finished_at)
  INCLUDE (id, backup_schedule_id, status, error_code, changes_added, changes_changed, changes_removed)
  WHERE finished_at IS NOT NULL;
-- The newest complete set of a schedule.
CREATE INDEX complete_sets_of_schedule ON backup_sets (backup_schedule_id, created_at DESC) INCLUDE (tenant_id)
  WHERE status = 'success' AND deleted_at IS NULL;
-- Sizes and ages of sets, and what each week stored anew: every column that is added up stands in the index.
CREATE INDEX "backup_sets_sizes_idx"
  ON "backup_sets"("tenant_id", "created_at", "deleted_at", "item_count", "bytes_logical");
CREATE INDEX "snapshots_sizes_idx" ON "snapshots"("tenant_id", "created_at", "bytes_logical", "bytes_stored");
